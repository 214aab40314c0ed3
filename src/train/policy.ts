import { UserError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import type { World } from "../env/env.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { AdapterFiles } from "../model/adapter-directory.ts";
import { openModel } from "../model/builtin.ts";
import type { ModelFiles } from "../model/directory.ts";
import { Generator } from "../model/generate.ts";
import { initialAdapter, type LoraConfig } from "../model/lora.ts";
import { createModel, type Model, withAdapter } from "../model/model.ts";
import { hostSource, type TensorSource } from "../model/tensor-source.ts";
import { cacheBlocks } from "../rollout/cache-size.ts";
import type { Collector } from "../rollout/collect.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { readWordLevel } from "../text/word-level.ts";
import type { RunConfig } from "./config.ts";

/** A model that can act: weights on the device and the tokenizer that goes with them. */
export interface Policy {
  readonly files: ModelFiles;
  readonly model: Model;
  readonly tokenizer: Tokenizer;
  /** What training began with: the weights, or the adapter's. */
  readonly start: TensorSource;
}

/** The tokenizer of a model. @throws UserError when it has more tokens than the model */
export function openTokenizer(path: string, { tokenizer: text, config }: ModelFiles): Tokenizer {
  const tokenizer = readWordLevel(text, `${path}/tokenizer.json`);
  if (tokenizer.vocabularySize > config.vocabulary) {
    throw new UserError(
      `${path}: tokenizer.json has ${tokenizer.vocabularySize} tokens, config.json says vocab_size ${config.vocabulary}`,
      "these files are from two models; take both from one",
    );
  }
  return tokenizer;
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
  const tokenizer = openTokenizer(path, files);
  const { config, weights } = files;
  const base = await createModel(gpu, scope, config, weights, config.maxPositions);
  const model = adapter ? await withAdapter(gpu, scope, base, adapter) : base;
  return { files, model, tokenizer, start: adapter?.weights ?? weights };
}

/** The adapter that a run with `[model.lora]` begins with: the files' own, or a fresh one that changes nothing. */
export function startingAdapter(
  { config, adapter }: ModelFiles,
  lora: RunConfig["model"]["lora"],
  seed: number,
): AdapterFiles | undefined {
  if (!lora || adapter) return adapter;
  const fresh: LoraConfig = { ...lora, rankStabilised: lora.rank_stabilised };
  return { config: fresh, weights: hostSource(initialAdapter(config, fresh, seed)) };
}

/** How a policy plays. */
export interface PlayOptions {
  readonly maxTurns: number;
  readonly maxTokensPerTurn: number;
  readonly invalidActionPenalty: number;
  /** A world that answers later has a fault; a minute when absent. */
  readonly timeoutMs?: number;
  /** Episodes that run side by side. */
  readonly rows: number;
  /** What the cache of keys and values may take; DEFAULT_CACHE_BYTES when absent. */
  readonly cacheBytes?: number;
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
  { model, tokenizer, files }: Policy,
  world: World,
  { cacheBytes = DEFAULT_CACHE_BYTES, timeoutMs = 60_000, ...options }: PlayOptions,
): Collector {
  const { config } = files;
  const generator = new Generator(gpu, scope, model, {
    tokens: Math.max(TOKENS_PER_CALL, options.rows),
    rows: options.rows,
    draws: DRAWS_PER_CALL[gpu.adapter.software ? "software" : "gpu"],
    blocks: cacheBlocks(config, options, {
      budget: cacheBytes,
      largest: gpu.memory.largestBytes,
    }),
  });
  return { world, tokenizer, generator, maxPositions: config.maxPositions, ...options, timeoutMs };
}

/** The tasks of a split. @throws UserError naming the splits there are */
export function requireSplit(world: World, split: string): readonly string[] {
  const tasks = Object.hasOwn(world.splits, split) ? world.splits[split] : undefined;
  if (tasks !== undefined && tasks.length > 0) return tasks;
  const names = Object.keys(world.splits);
  const hint = didYouMean(split, names);
  throw new UserError(
    `${world.name}: no split "${split}" (allowed: ${names.join(", ")})`,
    hint || undefined,
  );
}
