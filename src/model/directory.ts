/**
 * Model directories in the Hugging Face layout. What is written loads in transformers, and comes back
 * from readModelDirectory bit for bit.
 */
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { removeIfThere, syncDirectory, writeDurably } from "../core/durable-files.ts";
import { readText, writeFailure } from "../core/text-file.ts";
import type { AdapterFiles } from "./adapter-directory.ts";
import { type ModelConfig, parseModelConfig, writeModelConfig } from "./config.ts";
import { finiteTensors } from "./finite-tensors.ts";
import { fileSource, openWeightFiles } from "./model-tensors.ts";
import type { NamedTensor, TensorSource } from "./tensor-source.ts";
import { minimalTokenizerConfig } from "./tokenizer-config.ts";
import { safetensorsChunks, type WrittenDtype } from "./write-safetensors.ts";

/** What a model's directory says beside its numbers. */
export interface ModelTexts {
  readonly config: ModelConfig;
  /** The text of config.json, where there was one. */
  readonly configText?: string;
  /** The text of generation_config.json, where there is one. */
  readonly generationConfig?: string;
  /** The text of tokenizer.json. */
  readonly tokenizer: string;
  /** The text of tokenizer_config.json, where there is one. */
  readonly tokenizerConfig?: string;
  /** The text of chat_template.jinja, where there is one. */
  readonly chatTemplate?: string;
}

/** A model as its files hold it. */
export interface ModelFiles extends ModelTexts {
  /** Where the weights are: a directory, or `builtin:NAME`. */
  readonly path: string;
  /** The weights, which are read when they are asked for. */
  readonly weights: TensorSource;
  /** An adapter that goes with them. */
  readonly adapter?: AdapterFiles;
}

/** Ids of the tokens that end a turn and fill a batch. */
export interface TokenIds {
  readonly eos: number;
  readonly pad: number;
}

/** @throws UserError naming file, and tensor or key, for everything that is not as it should be */
export function readModelDirectory(path: string): ModelFiles {
  const configFile = join(path, "config.json");
  const configText = readText(configFile);
  const config = parseModelConfig(configText, configFile);
  const tokenizer = readText(join(path, "tokenizer.json"));
  const tokenizerConfig = readTextIfThere(join(path, "tokenizer_config.json"));
  const generationConfig = readTextIfThere(join(path, "generation_config.json"));
  const chatTemplate = readTextIfThere(join(path, "chat_template.jinja"));
  const files = openWeightFiles(path);
  try {
    return {
      path,
      config,
      configText,
      weights: fileSource(files, config, configFile),
      tokenizer,
      ...(tokenizerConfig === undefined ? {} : { tokenizerConfig }),
      ...(chatTemplate === undefined ? {} : { chatTemplate }),
      ...(generationConfig === undefined ? {} : { generationConfig }),
    };
  } catch (error) {
    for (const file of files) file[Symbol.dispose]();
    throw error;
  }
}

/**
 * Writes a model into a directory, which is made if need be; files of the same names are replaced.
 * @returns SHA-256 of every file, by its name
 * @throws BrokenPolicyError naming a tensor that is not finite; nothing that was there is touched then
 * @throws UserError where the directory cannot be written; an Error with code ENOSPC when the disk is full
 */
export async function writeModelDirectory(
  path: string,
  files: ModelTexts,
  tensors: readonly NamedTensor[],
  tokens: TokenIds,
  dtype: WrittenDtype = "F32",
): Promise<Record<string, string>> {
  const { config, tokenizer } = files;
  const tokenizerConfig =
    files.tokenizerConfig ?? minimalTokenizerConfig(tokenizer, tokens, config.maxPositions);
  const generation = { do_sample: true, eos_token_id: tokens.eos, pad_token_id: tokens.pad };
  const generationConfig = files.generationConfig ?? `${JSON.stringify(generation, null, 2)}\n`;
  const texts: Record<string, string> = {
    "config.json": writeModelConfig(config, tokens, dtype, files.configText),
    "generation_config.json": generationConfig,
    "tokenizer.json": tokenizer,
    "tokenizer_config.json": tokenizerConfig,
    ...(files.chatTemplate === undefined ? {} : { "chat_template.jinja": files.chatTemplate }),
  };
  const hashes: Record<string, string> = {};
  const weights = join(path, "model.safetensors");
  const partial = `${weights}.partial`;
  try {
    mkdirSync(path, { recursive: true });
    // The weights first: while they are looked at on their way, what was there stays as it was.
    const chunks = safetensorsChunks(finiteTensors(tensors), dtype);
    hashes["model.safetensors"] = await writeDurably(partial, chunks);
    for (const [name, text] of Object.entries(texts)) {
      hashes[name] = await writeDurably(join(path, name), [Buffer.from(text)]);
    }
    renameSync(partial, weights);
    syncDirectory(path);
  } catch (error) {
    removeIfThere(partial);
    throw writeFailure(path, error);
  }
  return hashes;
}

function readTextIfThere(path: string): string | undefined {
  return existsSync(path) ? readText(path) : undefined;
}
