import { UserError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import type { World } from "../env/env.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import { openModel } from "../model/builtin.ts";
import type { ModelFiles } from "../model/directory.ts";
import { Generator } from "../model/generate.ts";
import { createModel, type Model } from "../model/model.ts";
import { type Collector, ownCapacity } from "../rollout/collect.ts";
import { readTokenizer } from "../text/read-tokenizer.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

/** A model that can act: weights on the device and the tokenizer that goes with them. */
export interface Policy {
  readonly files: ModelFiles;
  readonly model: Model;
  readonly tokenizer: Tokenizer;
}

/** The tokenizer of a model. @throws UserError when it has more tokens than the model */
export function openTokenizer(path: string, { tokenizer: text, config }: ModelFiles): Tokenizer {
  const tokenizer = readTokenizer(text, `${path}/tokenizer.json`);
  if (tokenizer.vocabularySize > config.vocabulary) {
    throw new UserError(
      `${path}: tokenizer.json has ${tokenizer.vocabularySize} tokens, config.json says vocab_size ${config.vocabulary}`,
      "these files are from two models; take both from one",
    );
  }
  return tokenizer;
}

/** Puts a model directory or `builtin:NAME` on the device. @throws UserError for files that do not fit together */
export function openPolicy(
  gpu: Gpu,
  scope: Scope,
  path: string,
  files: ModelFiles = openModel(path),
): Policy {
  const tokenizer = openTokenizer(path, files);
  const model = createModel(gpu, scope, files.config, files.values, files.config.maxPositions);
  return { files, model, tokenizer };
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
}

/** Tokens that one call of the generator feeds; longer prompts go in pieces. */
const TOKENS_PER_CALL = 1024;

/** Everything that episodes of `world` are made with; the cache is sized for `rows` of the longest. */
export function openCollector(
  gpu: Gpu,
  scope: Scope,
  { model, tokenizer, files }: Policy,
  world: World,
  options: PlayOptions,
): Collector {
  // A sequence is never longer than the positions that the model knows.
  const longest = files.config.maxPositions;
  const own = ownCapacity(options, { prompt: { length: longest } });
  const slots = options.rows * (Math.min(own, longest) + longest);
  const size = { tokens: TOKENS_PER_CALL, draws: options.rows, slots };
  const generator = new Generator(gpu, scope, model, size);
  const { timeoutMs = 60_000 } = options;
  return { world, tokenizer, generator, maxPositions: longest, ...options, timeoutMs };
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
