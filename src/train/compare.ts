/** Runs a comparison: every arm with every seed, one run after the other, and again only what is not done. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import type { World } from "../env/env.ts";
import type { Gpu } from "../gpu/device.ts";
import type { ModelFiles } from "../model/directory.ts";
import { endOf, endRules } from "../report/run-end.ts";
import { type Arm, armConfig } from "./comparison-arms.ts";
import { type Plan, runPath } from "./comparison-plan.ts";
import type { RunConfig } from "./config.ts";
import { writeConfig } from "./config-file.ts";
import type { Evaluation } from "./evaluate.ts";
import { availableBytes, fitMemory } from "./memory-plan.ts";
import { requireOwnRun } from "./own-run.ts";
import { type RunResult, train } from "./run.ts";
import { RunDirectory } from "./run-directory.ts";

export interface ComparisonParts {
  readonly gpu: Gpu;
  readonly plan: Plan;
  /** The arms and seeds to run now; the plan may hold more. */
  readonly arms: readonly Arm[];
  readonly seeds: readonly number[];
  readonly directory: string;
  readonly world: World;
  readonly files: ModelFiles;
  readonly interrupted: AbortSignal;
  readonly events: {
    begun(arm: Arm, seed: number, resumed: boolean): void;
    evaluated(arm: Arm, seed: number, iteration: number, evaluation: Evaluation): void;
    ended(arm: Arm, seed: number, result: RunResult): void;
    note(line: string): void;
  };
}

/** How much of the time the runs took. */
export interface ComparisonResult {
  readonly end: "done" | "interrupted";
  readonly runs: number;
  readonly totalMs: number;
  readonly runsMs: number;
}

/**
 * Every arm fits the device, found out before hours are spent on the arms before it.
 * @throws UserError naming the first arm that does not, what it needs and what there is
 */
export function requireMemory(
  { gpu, files }: Pick<ComparisonParts, "gpu" | "files">,
  arms: readonly { readonly name: string; readonly config: RunConfig }[],
): void {
  for (const { name, config } of arms) {
    try {
      fitMemory(config, files, gpu.capacity, availableBytes(config, gpu.adapter));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(`arm "${name}": ${error.message}`, error.hint);
    }
  }
}

/** @throws UserError for the first run in the directory that belongs to no arm, or to another one */
export function requireOwnRuns(plan: Plan, directory: string): void {
  const file = join(directory, "compare.json");
  for (const arm of plan.arms) {
    for (const seed of plan.seeds) {
      requireOwnRun(runPath(directory, arm, seed), armConfig(plan, arm, seed, file));
    }
  }
}

/** Seed after seed, so that every arm has as many runs as any other whenever it is interrupted. */
export async function compare(parts: ComparisonParts): Promise<ComparisonResult> {
  const began = performance.now();
  let runsMs = 0;
  let runs = 0;
  for (const seed of parts.seeds) {
    for (const arm of parts.arms) {
      const path = runPath(parts.directory, arm, seed);
      const config = armConfig(parts.plan, arm, seed, join(parts.directory, "compare.json"));
      if (isOver(path, config)) continue;
      const start = performance.now();
      const { end } = await oneRun(parts, arm, seed, path, config);
      runsMs += performance.now() - start;
      runs++;
      if (end === "interrupted") return { end, runs, runsMs, totalMs: performance.now() - began };
    }
  }
  return { end: "done", runs, runsMs, totalMs: performance.now() - began };
}

/**
 * A run that ended by itself, with the evaluations of its end. Its figures are what a comparison needs: a directory
 * that was copied without its checkpoints counts too.
 */
function isOver(path: string, config: RunConfig): boolean {
  if (!existsSync(join(path, "config.toml"))) return false;
  const { directory } = RunDirectory.open(path);
  return endOf(directory.written(), endRules(config)) !== undefined;
}

async function oneRun(
  { gpu, world, files, interrupted, events }: ComparisonParts,
  arm: Arm,
  seed: number,
  path: string,
  asked: RunConfig,
): Promise<RunResult> {
  const available = availableBytes(asked, gpu.adapter);
  const { config, notes } = fitMemory(asked, files, gpu.capacity, available);
  RunDirectory.discardUnwritten(path);
  const resumed = existsSync(path);
  const directory = resumed
    ? RunDirectory.open(path).directory
    : RunDirectory.create(path, writeConfig(config));
  using _lock = directory.lock();
  const { adapter } = gpu.adapter;
  directory.log(`device   ${adapter.info.description}`);
  events.begun(arm, seed, resumed);
  const say = (line: string) => {
    directory.log(line);
    events.note(`${arm.name} seed ${seed}: ${line}`);
  };
  for (const note of notes) say(note);
  const watcher = {
    begun() {},
    iteration() {},
    evaluated: (iteration: number, evaluation: Evaluation) =>
      events.evaluated(arm, seed, iteration, evaluation),
    note: say,
  };
  try {
    const parts = { gpu, config, files, world, directory, interrupted, events: watcher };
    const result = await train(parts);
    events.ended(arm, seed, result);
    return result;
  } catch (error) {
    directory.discardUnbegun();
    throw error;
  }
}
