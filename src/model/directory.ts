/**
 * Model directories in the Hugging Face layout. What is written loads in transformers, and comes back
 * from readModelDirectory bit for bit.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { syncDirectory, writeDurably } from "../core/durable-files.ts";
import { unreadable } from "../core/text-file.ts";
import { BrokenPolicyError } from "./broken-policy.ts";
import { type ModelConfig, parseModelConfig, writeModelConfig } from "./config.ts";
import { firstNonFinite, namedTensors, openWeightFiles, readArena } from "./model-tensors.ts";
import { minimalTokenizerConfig } from "./tokenizer-config.ts";
import { safetensorsChunks } from "./write-safetensors.ts";

/** A model as its files hold it. */
export interface ModelFiles {
  readonly config: ModelConfig;
  /** The weights: an arena of parameterLayout. */
  readonly values: Float32Array<ArrayBuffer>;
  /** The text of tokenizer.json. */
  readonly tokenizer: string;
  /** The text of tokenizer_config.json, where there is one. */
  readonly tokenizerConfig?: string;
  /** The text of chat_template.jinja, where there is one. */
  readonly chatTemplate?: string;
}

/** Ids of the tokens that end a turn and fill a batch. */
export interface TokenIds {
  readonly eos: number;
  readonly pad: number;
}

/** @throws UserError naming file, and tensor or key, for everything that is not as it should be */
export function readModelDirectory(path: string): ModelFiles {
  const configFile = join(path, "config.json");
  const config = parseModelConfig(readText(configFile), configFile);
  const tokenizer = readText(join(path, "tokenizer.json"));
  const tokenizerConfig = readTextIfThere(join(path, "tokenizer_config.json"));
  const chatTemplate = readTextIfThere(join(path, "chat_template.jinja"));
  const files = openWeightFiles(path);
  try {
    return {
      config,
      values: readArena(files, config, configFile),
      tokenizer,
      ...(tokenizerConfig === undefined ? {} : { tokenizerConfig }),
      ...(chatTemplate === undefined ? {} : { chatTemplate }),
    };
  } finally {
    for (const file of files) file[Symbol.dispose]();
  }
}

/**
 * Writes a model into a directory, which is made if need be; files of the same names are replaced.
 * @returns SHA-256 of every file, by its name
 * @throws BrokenPolicyError naming a tensor that is not finite, before anything is written
 * @throws UserError where the directory cannot be written; an Error with code ENOSPC when the disk is full
 */
export function writeModelDirectory(
  path: string,
  files: ModelFiles & { readonly tokens: TokenIds },
): Record<string, string> {
  const { config, values, tokenizer, tokens } = files;
  const tensors = namedTensors(values, config);
  for (const tensor of tensors) {
    const at = firstNonFinite(tensor.values);
    if (at >= 0) {
      const found = `"${tensor.name}" holds ${tensor.values[at]} at element ${at}`;
      throw new BrokenPolicyError(`not written: ${found}`);
    }
  }
  const tokenizerConfig =
    files.tokenizerConfig ?? minimalTokenizerConfig(tokenizer, tokens, config.maxPositions);
  const generation = { do_sample: true, eos_token_id: tokens.eos, pad_token_id: tokens.pad };
  const texts: Record<string, string> = {
    "config.json": writeModelConfig(config, tokens),
    "generation_config.json": `${JSON.stringify(generation, null, 2)}\n`,
    "tokenizer.json": tokenizer,
    "tokenizer_config.json": tokenizerConfig,
    ...(files.chatTemplate === undefined ? {} : { "chat_template.jinja": files.chatTemplate }),
  };
  const hashes: Record<string, string> = {};
  try {
    mkdirSync(path, { recursive: true });
    for (const [name, text] of Object.entries(texts)) {
      hashes[name] = writeDurably(join(path, name), [Buffer.from(text)]);
    }
    const weights = join(path, "model.safetensors");
    hashes["model.safetensors"] = writeDurably(weights, safetensorsChunks(tensors));
    syncDirectory(path);
  } catch (error) {
    throw unreadable(path, error, "write");
  }
  return hashes;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readTextIfThere(path: string): string | undefined {
  return existsSync(path) ? readText(path) : undefined;
}
