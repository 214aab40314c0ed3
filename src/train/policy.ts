import { UserError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import type { World } from "../env/env.ts";
import { USUAL_TIMEOUT_MS } from "../env/usual.ts";
import type { DeviceCapacity, Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { AdapterFiles } from "../model/adapter-directory.ts";
import { openModel } from "../model/builtin.ts";
import type { ModelConfig } from "../model/config.ts";
import type { ModelFiles } from "../model/directory.ts";
import { Generator } from "../model/generate.ts";
import type { GeneratorSize } from "../model/generator-memory.ts";
import { initialAdapter } from "../model/lora.ts";
import { createModel, type Model, withAdapter } from "../model/model.ts";
import { hostSource, type TensorSource } from "../model/tensor-source.ts";
import { cacheBlocks } from "../rollout/cache-size.ts";
import type { Collector } from "../rollout/collect.ts";
import { type ModelText, readModelText } from "../text/model-text.ts";
import type { RunConfig } from "./config.ts";
import { loraOf } from "./play-options.ts";

/** A model that can act: weights on the device, with the tokenizer and chat template that go with them. */
export interface Policy extends ModelText {
  /** A directory of the model or its adapter, or `builtin:NAME`. */
  readonly path: string;
  readonly files: ModelFiles;
  readonly model: Model;
  /** What training began with: the weights, or the adapter's. */
  readonly start: TensorSource;
}

/** How a model reads and writes. @throws UserError when its tokenizer has more tokens than the model */
export function openText(path: string, files: ModelFiles): ModelText {
  const text = readModelText(files, path);
  const { vocabularySize, stops } = text.tokenizer;
  if (vocabularySize > files.config.vocabulary) {
    throw new UserError(
      `${path}: tokenizer.json has ids up to ${vocabularySize - 1}, config.json says vocab_size ${files.config.vocabulary}`,
      "these files are from two models; take both from one",
    );
  }
  const beyond = [...stops].find((id) => id >= files.config.vocabulary);
  if (beyond !== undefined) {
    throw new UserError(
      `${path}: generation_config.json: eos_token_id: found ${beyond}, config.json says vocab_size ${files.config.vocabulary}`,
    );
  }
  return text;
}

/**
 * Puts a model directory or `builtin:NAME` on the device, with its adapter where it has one.
 * @param adapter one that begins here, in place of what the files say
 * @throws UserError for files that do not fit together
 */
export async function openPolicy(
  gpu: Gpu,
  scope: Scope,
  path: string,
  files: ModelFiles = openModel(path),
  adapter: AdapterFiles | undefined = files.adapter,
): Promise<Policy> {
  const text = openText(path, files);
  const { config, weights } = files;
  const base = await createModel(gpu, scope, config, weights, config.maxPositions);
  const model = adapter ? await withAdapter(gpu, scope, base, adapter) : base;
  return { path, files, model, ...text, start: adapter?.weights ?? weights };
}

/** The adapter that a run trains from: the model's own, or a fresh one that changes nothing; none where all weights are trained. */
export function startingAdapter(files: ModelFiles, config: RunConfig): AdapterFiles | undefined {
  const lora = loraOf(config, files);
  if (!lora || files.adapter) return files.adapter;
  const fresh = initialAdapter(files.config, lora, config.run.seed);
  return { config: lora, weights: hostSource(fresh) };
}

/** How a policy plays. */
export interface PlayOptions {
  readonly maxTurns: number;
  readonly maxTokensPerTurn: number;
  /** Past turns that a prompt shows, or one growing context (absent). */
  readonly history?: "full" | number;
  /** Texts that end a turn; absent: those of the world's format. */
  readonly stop?: readonly string[] | undefined;
  readonly invalidActionPenalty: number;
  /** A world that answers later has a fault; a minute when absent. */
  readonly timeoutMs?: number;
  /** Episodes that run side by side. */
  readonly rows: number;
  /** Takes word of every episode that the world did not end. */
  readonly note?: ((line: string) => void) | undefined;
  /** What the cache of keys and values may take; DEFAULT_CACHE_BYTES when absent. */
  readonly cacheBytes?: number;
  /** Tokens that a context may have, where the model knows more than can be trained on at once. */
  readonly longest?: number;
}

/** Tokens that one call of the generator feeds; longer prompts go in pieces. */
const TOKENS_PER_CALL = 1024;

/** Tokens that a row draws before the host looks: where the device computes on the host's processor, looking is cheap. */
const DRAWS_PER_CALL = { software: 1, gpu: 8 };

const DEFAULT_CACHE_BYTES = 2 ** 30;

/** Everything that episodes of `world` are made with. */
export function openCollector(
  gpu: Gpu,
  scope: Scope,
  policy: Policy,
  world: World,
  options: PlayOptions,
): Collector {
  const { model, files } = policy;
  const { config } = files;
  const { longest = Number.POSITIVE_INFINITY, timeoutMs = USUAL_TIMEOUT_MS } = options;
  const agent = {
    format: world.format,
    text: policy,
    history: options.history ?? ("full" as const),
    maxPositions: Math.min(config.maxPositions, longest),
    timeoutMs,
  };
  const size = generatorSize(config, options, gpu.capacity);
  const generator = new Generator(gpu, scope, model, size);
  return { world, generator, ...options, ...agent };
}

/** What a generator has room for, to play so. */
export function generatorSize(
  config: ModelConfig,
  { cacheBytes = DEFAULT_CACHE_BYTES, ...options }: PlayOptions,
  { software, largestBytes }: DeviceCapacity,
): GeneratorSize {
  return {
    tokens: Math.max(TOKENS_PER_CALL, options.rows),
    rows: options.rows,
    draws: DRAWS_PER_CALL[software ? "software" : "gpu"],
    blocks: cacheBlocks(config, options, { budget: cacheBytes, largest: largestBytes }),
  };
}

/** Room for one conversation of the model's longest, or of what the cache's bytes allow. */
export function chatSize(config: ModelConfig, device: DeviceCapacity): GeneratorSize {
  const turn = { rows: 1, maxTurns: 1, maxTokensPerTurn: config.maxPositions };
  return generatorSize(config, { ...turn, invalidActionPenalty: 0 }, device);
}

/** The tasks of a split. @param key who names it @throws UserError naming the splits there are, or an empty one */
export function requireSplit(world: World, split: string, key = "--split"): readonly string[] {
  const tasks = Object.hasOwn(world.splits, split) ? world.splits[split] : undefined;
  if (tasks !== undefined && tasks.length > 0) return tasks;
  const names = Object.keys(world.splits);
  if (tasks !== undefined) {
    const others = names.filter((name) => name !== split).join(", ") || "none";
    throw new UserError(
      `${world.name}: split "${split}" has no task to play (other splits: ${others})`,
    );
  }
  throw new UserError(
    `${world.name}: no split "${split}" (allowed: ${names.join(", ")})`,
    didYouMean(split, names) || `${key} names it`,
  );
}
