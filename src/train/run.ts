import { join } from "node:path";
import { InterruptedError } from "../core/errors.ts";
import type { World } from "../env/env.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import { BrokenPolicyError } from "../model/broken-policy.ts";
import type { ModelFiles } from "../model/directory.ts";
import { finished, iterationsLeft, spentShare } from "./budget.ts";
import type { RunConfig } from "./config.ts";
import type { Evaluation } from "./evaluate.ts";
import { Evaluations } from "./evaluations.ts";
import { collectGroups } from "./groups.ts";
import { learn, updateOptions } from "./iteration.ts";
import { type MetricsRow, metricsRow } from "./metrics.ts";
import { playOptions } from "./play-options.ts";
import { openCollector, openPolicy, requireSplit, startingAdapter } from "./policy.ts";
import { warmUpdate } from "./policy-update.ts";
import { RemainingTime } from "./remaining-time.ts";
import { restore, save } from "./resume.ts";
import type { RunDirectory } from "./run-directory.ts";
import { saveRollouts } from "./save-rollouts.ts";
import { TensorBoard } from "./tensorboard.ts";
import { openUpdater } from "./updater.ts";

/** What a run tells whoever watches it. */
export interface RunEvents {
  begun(facts: { parameters: number; tasks: number; iteration: number }): void;
  iteration(row: MetricsRow, remainingMs: number): void;
  evaluated(iteration: number, evaluation: Evaluation): void;
  note(text: string): void;
}

/** What a run is made of. */
export interface RunParts {
  readonly gpu: Gpu;
  readonly config: RunConfig;
  readonly files: ModelFiles;
  readonly world: World;
  readonly directory: RunDirectory;
  readonly events: RunEvents;
  /** Aborted when the process is told to stop. */
  readonly interrupted: AbortSignal;
}

export interface RunResult {
  readonly end: "done" | "diverged" | "interrupted";
  readonly iterations: number;
  readonly first: Evaluation | undefined;
  readonly last: Evaluation | undefined;
}

/**
 * Trains until the last iteration, or until several updates in a row are skipped, the policy breaks, or
 * the run is told to stop.
 */
export async function train(parts: RunParts): Promise<RunResult> {
  const { gpu, events } = parts;
  using scope = gpu.scope();
  const run = await openRun(scope, parts);
  let end: RunResult["end"];
  try {
    end = await iterate(run);
  } catch (error) {
    if (error instanceof InterruptedError) end = await stopHere(run);
    else if (error instanceof BrokenPolicyError) {
      // Nothing finite is left to go on from; the last checkpoint is from before.
      events.note(`after iteration ${run.state.iteration}: ${error.message}`);
      end = "diverged";
    } else throw error;
  }
  const { first, last } = run.evaluations.firstAndLast;
  return { end, iterations: run.state.iteration, first, last };
}

type Run = Awaited<ReturnType<typeof openRun>>;

/** Everything a run works with, on the device and off it, where its last checkpoint left it. */
async function openRun(scope: Scope, parts: RunParts) {
  const { gpu, config, files, world, directory, events, interrupted } = parts;
  const tasks = requireSplit(world, config.env.split);
  requireSplit(world, config.eval.split);
  const adapter = startingAdapter(files, config);
  const policy = await openPolicy(gpu, scope, config.model.path, files, adapter);
  const { updater, trainer } = await openUpdater(gpu, scope, config, policy);
  const note = (line: string) => directory.log(`episode ${line}`);
  const play = { ...playOptions(config), note };
  const collector = openCollector(gpu, scope, policy, world, play);
  const { trainable } = trainer;
  const { notes, ...state } = await restore(gpu, directory.path, policy, trainable);
  for (const note of notes) events.note(note);
  directory.rewind(state.iteration, state.evaluationsDue);
  const board = config.report.tensorboard ? new TensorBoard(directory.path) : undefined;
  for (const row of directory.rows("metrics.jsonl"))
    board?.scalars(row.iteration as number, row as MetricsRow);
  const { count: parameters } = policy.model.arena.layout;
  events.begun({ parameters, tasks: tasks.length, iteration: state.iteration });
  const remaining = new RemainingTime();
  const { evaluated } = events;
  const evaluations = new Evaluations({
    ...{ gpu, collector, config, policy, trainable, directory },
    ...{ remaining, evaluated, interrupted },
  });
  return {
    ...parts,
    ...{ policy, updater, trainable, collector },
    ...{ tasks, board, remaining, evaluations, state },
  };
}

async function iterate(run: Run): Promise<RunResult["end"]> {
  const { config, directory, events, evaluations, remaining, state, interrupted } = run;
  const { max_skipped_updates, on_collapse } = config.train;
  // While the first evaluation keeps the device busy, the updates' kernels compile.
  const warmed = warmUpdate(run.updater, updateOptions(config, 0, 1));
  warmed.catch(() => {});
  if (state.iteration === 0) await evaluations.atStart();
  await warmed;
  if (state.evaluationsDue) await finishIteration(run);
  while (!finished(config.train, state)) {
    if (interrupted.aborted) throw new InterruptedError();
    const { row, updates } = await oneIteration(run, state.iteration + 1);
    state.iteration++;
    state.tokens += row.tokens_generated!;
    state.evaluationsDue = true;
    directory.append("metrics.jsonl", row);
    run.board?.scalars(state.iteration, row);
    remaining.iterated(row.time_rollout_ms! + row.time_update_ms!);
    const left = iterationsLeft(config.train, state);
    const episodes = evaluations.episodesLeft(state.iteration, state.iteration + left);
    events.iteration(row, remaining.estimate(left, episodes));
    let diverged = false;
    for (const { applied } of updates) {
      if (applied) state.applied++;
      state.skipped = applied ? 0 : state.skipped + 1;
      diverged ||= state.skipped >= max_skipped_updates;
    }
    if (diverged) {
      events.note(`iteration ${state.iteration}: several updates in a row were not finite`);
      if (on_collapse === "stop") return "diverged";
    }
    await finishIteration(run);
  }
  // The last iteration has a checkpoint unless its last update was not finite.
  return state.skipped > 0 ? "diverged" : "done";
}

/** The evaluations after an iteration, then its checkpoint where one is due. */
async function finishIteration(run: Run): Promise<void> {
  const { state, evaluations, config } = run;
  const { checkpoint_every } = config.train;
  const last = finished(config.train, state);
  await evaluations.after(state.iteration, last);
  state.evaluationsDue = false;
  const due = checkpoint_every > 0 && state.iteration % checkpoint_every === 0;
  if (due || last) await checkpoint(run);
}

/** Weights after an update that was not finite are no good checkpoint: the one before stays the newest. */
async function checkpoint(run: Run): Promise<void> {
  const { gpu, config, directory, policy, trainable, state, events } = run;
  if (state.skipped > 0) {
    events.note(`iteration ${state.iteration}: the last update was not finite; no checkpoint`);
    return;
  }
  await save(gpu, directory.path, policy, trainable, state, config.train.keep_checkpoints);
}

/** Told to stop: what has been learned is kept, and what was not finished will be done again. */
async function stopHere(run: Run): Promise<"interrupted"> {
  if (run.state.iteration > 0) await checkpoint(run);
  return "interrupted";
}

async function oneIteration(run: Run, iteration: number) {
  const { gpu, config, directory, collector, updater, tasks, state, interrupted } = run;
  const { rollout, report, train } = config;
  const perIteration = train.epochs * Math.min(train.minibatches, rollout.tasks_per_iteration);
  const begun = performance.now();
  const encoded = gpu.encodeMs;
  const collected = await collectGroups(collector, config, tasks, iteration, interrupted);
  const learning = performance.now();
  const learned = await learn(updater, config, collected.trajectories, {
    iteration,
    applied: state.applied,
    planned: (iteration - 1) * perIteration,
    totalPlanned: train.iterations * perIteration,
    spent: spentShare(train, state),
  });
  if (report.rollouts_every > 0 && iteration % report.rollouts_every === 0) {
    await saveRollouts(directory.rolloutFile(iteration), collected.trajectories, learned.steps);
  }
  const row = metricsRow(iteration, collected, learned, {
    tokensBefore: state.tokens,
    rolloutMs: learning - begun,
    updateMs: performance.now() - learning,
    encodeMs: gpu.encodeMs - encoded,
    memoryBytes: gpu.memory.bytes,
    residentBytes: process.memoryUsage.rss(),
  });
  return { row, updates: learned.updates };
}

/** Where a run goes when nobody says: runs/NAME below the current directory. */
export function defaultRunPath(config: RunConfig): string {
  return join("runs", config.run.name);
}
