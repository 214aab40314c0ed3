/** Going back to an earlier checkpoint: which there are, and what goes on from one differently. */

import { seedFor } from "../core/random.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Trainable } from "../model/trainable.ts";
import { finished } from "../report/run-end.ts";
import { type FoundCheckpoint, forgetLater, readLatestCheckpoint } from "./checkpoint.ts";
import type { RunConfig } from "./config.ts";
import type { Policy } from "./policy.ts";
import { load, type RunState, save } from "./resume.ts";
import type { RunDirectory } from "./run-directory.ts";

type Train = RunConfig["train"];

/**
 * An iteration after which every run of a configuration has a checkpoint; with rollbacks the beginning is one.
 * Where an interruption or the run's end alone make one, an undisturbed or a longer run has none.
 */
export function isRegular(
  iteration: number,
  { checkpoint_every: every, on_collapse }: Train,
): boolean {
  if (iteration === 0) return on_collapse === "rollback";
  return every > 0 && iteration % every === 0;
}

/** Checkpoints from this iteration on may still be gone back to; infinity when none may. */
export function neededFrom(iteration: number, train: Train): number {
  const { checkpoint_every: every, on_collapse, collapse } = train;
  if (on_collapse !== "rollback") return Number.POSITIVE_INFINITY;
  // No signal begins earlier than this before it is seen.
  const reach = Math.max(iteration - collapse.window - collapse.patience - 1, 0);
  return every > 0 ? reach - (reach % every) : 0;
}

/** The newest checkpoint from before an iteration whose weights are suspect. */
export function goodCheckpoint(
  runDirectory: string,
  since: number,
  train: Train,
): FoundCheckpoint | undefined {
  const good = (iteration: number) => iteration < since && isRegular(iteration, train);
  return readLatestCheckpoint(runDirectory, good);
}

/** What goes back. */
export interface Rewound {
  readonly gpu: Gpu;
  readonly config: RunConfig;
  readonly policy: Policy;
  readonly trainable: Trainable;
  readonly directory: RunDirectory;
  readonly state: RunState;
}

/**
 * Puts a run where a checkpoint left it, and forgets what came after, save that its tokens were spent. Where that was all
 * that it might spend, it ends here, and is evaluated once more as at any end. A process that is killed meanwhile leaves a
 * course of training that leads here again.
 */
export async function rollBack(run: Rewound, found: FoundCheckpoint): Promise<void> {
  const { gpu, config, policy, trainable, directory, state } = run;
  const { keep_checkpoints, collapse } = config.train;
  const { rollbacks, rateFactor, tokens } = state;
  Object.assign(state, await load(gpu, found, policy, trainable), { tokens });
  state.rollbacks = rollbacks + 1;
  state.rateFactor = rateFactor * collapse.rate_factor;
  state.evaluationsDue ||= finished(config.train, state);
  await forgetLater(directory.path, state.iteration);
  const from = neededFrom(state.iteration, config.train);
  await save(gpu, directory.path, policy, trainable, state, keep_checkpoints, from);
  directory.rewind(state);
}

/** How a run that went back goes on: more slowly, and with other draws than those that led astray. */
export function afterRollbacks(
  config: RunConfig,
  { rollbacks, rateFactor }: Pick<RunState, "rollbacks" | "rateFactor">,
): RunConfig {
  if (rollbacks === 0) return config;
  const { run, optimizer } = config;
  const seed = seedFor(run.seed, "rollback", rollbacks);
  const learning_rate = optimizer.learning_rate * rateFactor;
  return { ...config, run: { ...run, seed }, optimizer: { ...optimizer, learning_rate } };
}
