import { join } from "node:path";
import { InterruptedError } from "../core/errors.ts";
import type { World } from "../env/env.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import { BrokenPolicyError } from "../model/broken-policy.ts";
import type { ModelFiles } from "../model/directory.ts";
import { canBeEvaluated, endOf, endRules, finished, stopsAt } from "../report/run-end.ts";
import { iterationsLeft, spentShare, tokensLeft } from "./budget.ts";
import { collapseSignals, notFinite, type Signal } from "./collapse.ts";
import { answerCollapse, collapseOptions } from "./collapse-answer.ts";
import type { RunConfig } from "./config.ts";
import type { Evaluation } from "./evaluate.ts";
import { type EvaluationRow, Evaluations } from "./evaluations.ts";
import { flatRemark } from "./flat-normalization.ts";
import { collectGroups } from "./groups.ts";
import { learn, updateOptions } from "./iteration.ts";
import { type MetricsRow, measure, metricsRow } from "./metrics.ts";
import { playOptions } from "./play-options.ts";
import { openCollector, openPolicy, requireSplit, startingAdapter } from "./policy.ts";
import { type UpdateReport, warmUpdate } from "./policy-update.ts";
import { RemainingTime } from "./remaining-time.ts";
import { type RunState, restore, save } from "./resume.ts";
import { afterRollbacks, isRegular, neededFrom } from "./rollback.ts";
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
  readonly first: EvaluationRow | undefined;
  readonly last: EvaluationRow | undefined;
}

/**
 * Trains until the last iteration, or until the policy collapses or breaks and the run is not to go back, or
 * until it is told to stop.
 */
export async function train(parts: RunParts): Promise<RunResult> {
  using scope = parts.gpu.scope();
  const run = await openRun(scope, parts);
  let end: RunResult["end"] | undefined;
  while (end === undefined) {
    try {
      end = await iterate(run);
    } catch (error) {
      if (error instanceof InterruptedError) end = await stopHere(run);
      else if (error instanceof BrokenPolicyError) {
        if ((await answerBroken(run, error)) === "stop") end = "diverged";
      } else throw error;
    }
  }
  const { first, last } = run.evaluations.firstAndLast;
  return { end, iterations: run.state.iteration, first, last };
}

type Run = Awaited<ReturnType<typeof openRun>>;

/** Everything a run works with, on the device and off it, where its last checkpoint left it. */
async function openRun(scope: Scope, parts: RunParts) {
  const { gpu, config, files, world, directory, events, interrupted } = parts;
  const tasks = requireSplit(world, config.env.split, "env.split");
  requireSplit(world, config.eval.split, "eval.split");
  const adapter = startingAdapter(files, config);
  const policy = await openPolicy(gpu, scope, config.model.path, files, adapter);
  const { updater, trainer } = await openUpdater(gpu, scope, config, policy);
  const note = (line: string) => directory.log(`episode ${line}`);
  const play = { ...playOptions(config), note };
  const collector = openCollector(gpu, scope, policy, world, play);
  const { trainable } = trainer;
  const { notes, ...state } = await restore(gpu, directory.path, policy, trainable);
  for (const note of notes) events.note(note);
  directory.rewind(state);
  if (lacksItsEnd(config, directory, state)) {
    state.evaluationsDue = true;
    directory.rewind(state);
  }
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
    ...{ tasks, remaining, evaluations, state, note: events.note },
    ...readRows(config, directory),
  };
}

/** It stands where it ended, and its last evaluation is not there, or not all of it: a file was lost, or more is asked for. */
function lacksItsEnd(config: RunConfig, directory: RunDirectory, state: RunState): boolean {
  const rules = endRules(config);
  const written = directory.written();
  const { metrics, signals } = written;
  if (metrics.at(-1)?.iteration !== state.iteration) return false;
  const ended = finished(rules, state) || stopsAt(signals, state, rules).length > 0;
  return ended && endOf(written, rules) === undefined;
}

/** The rows of a run so far; whoever reads TensorBoard's file finds the same ones. */
function readRows({ report }: RunConfig, directory: RunDirectory) {
  const rows = directory.rows("metrics.jsonl") as MetricsRow[];
  const board = report.tensorboard ? new TensorBoard(directory.path) : undefined;
  for (const row of rows) board?.scalars(row.iteration!, row);
  return { rows, board };
}

async function iterate(run: Run): Promise<RunResult["end"]> {
  const { config, directory, events, evaluations, remaining, state, interrupted } = run;
  // While the first evaluation keeps the device busy, the updates' kernels compile.
  const warmed = warmUpdate(run.updater, updateOptions(config, 0, 1));
  warmed.catch(() => {});
  if (state.iteration === 0 && state.evaluationsDue) await finishIteration(run);
  await warmed;
  // Collapse ended the run here, and would again.
  const stops = stopsAt(directory.written().signals, state, endRules(config));
  const stopped = stops.length > 0;
  if (state.evaluationsDue && canBeEvaluated(stops)) await finishIteration(run, stopped);
  if (stopped) return "diverged";
  while (!finished(config.train, state)) {
    if (interrupted.aborted) throw new InterruptedError();
    const { row, signals } = await oneIteration(run, state.iteration + 1);
    state.iteration++;
    state.tokens += row.tokens_generated!;
    state.evaluationsDue = true;
    run.rows.push(row);
    directory.append("metrics.jsonl", row);
    run.board?.scalars(state.iteration, row);
    remaining.iterated(row.time_rollout_ms! + row.time_update_ms!);
    const generated = run.rows.map((one) => one.tokens_generated ?? 0);
    const left = iterationsLeft(config.train, state, generated);
    const episodes = evaluations.episodesLeft(
      state.iteration,
      state.iteration + left,
      state.tokens,
    );
    events.iteration(row, remaining.estimate(left, episodes));
    const flat = flatRemark(run.rows, config.modulation);
    if (flat) events.note(flat);
    if ((await answer(run, state.iteration, signals)) === "stop") {
      if (canBeEvaluated(signals)) await finishIteration(run, true);
      return "diverged";
    }
    if (state.evaluationsDue) await finishIteration(run);
  }
  // The last iteration has a checkpoint unless its last update was not finite.
  return state.skipped > 0 ? "diverged" : "done";
}

/** Does what signals ask for. After a rollback the run stands where the checkpoint left it. */
async function answer(run: Run, iteration: number, signals: readonly Signal[]) {
  const answered = await answerCollapse(run, iteration, signals);
  if (answered === "rolled back") Object.assign(run, readRows(run.config, run.directory));
  return answered;
}

/** Weights or logits that are not finite were found while playing or writing: nothing is left to go on from. */
function answerBroken(run: Run, error: BrokenPolicyError) {
  const { iteration, evaluationsDue } = run.state;
  run.note(`after iteration ${iteration}: ${error.message}`);
  const broken = { signal: "not-finite" as const, value: null, limit: null };
  const signal = { ...broken, since: iteration, fresh: true };
  return answer(run, evaluationsDue ? iteration : iteration + 1, [signal]);
}

/**
 * The evaluations after an iteration, or before the first; then its checkpoint where one is due.
 * @param stopped collapse makes it the run's last one
 */
async function finishIteration(run: Run, stopped = false): Promise<void> {
  const { state, evaluations, config } = run;
  const { iteration } = state;
  const last = stopped || finished(config.train, state);
  const before = run.rows.at(-2)?.tokens_total ?? 0;
  const tokens = { before, now: state.tokens };
  await (iteration === 0 ? evaluations.atStart() : evaluations.after(iteration, last, tokens));
  state.evaluationsDue = false;
  if (last || isRegular(iteration, config.train)) await checkpoint(run);
}

/** Weights after an update that was not finite are no good checkpoint: the one before stays the newest. */
async function checkpoint(run: Run): Promise<void> {
  const { gpu, config, directory, policy, trainable, state, events } = run;
  if (state.skipped > 0) {
    events.note(`iteration ${state.iteration}: the last update was not finite; no checkpoint`);
    return;
  }
  const { keep_checkpoints } = config.train;
  const from = neededFrom(state.iteration, config.train);
  await save(gpu, directory.path, policy, trainable, state, keep_checkpoints, from);
}

/** Told to stop: what has been learned is kept, and what was not finished will be done again. */
async function stopHere(run: Run): Promise<"interrupted"> {
  if (run.state.iteration > 0) await checkpoint(run);
  return "interrupted";
}

async function oneIteration(run: Run, iteration: number) {
  const { gpu, directory, collector, updater, tasks, state, interrupted } = run;
  const config = afterRollbacks(run.config, state);
  const { rollout, report, train } = config;
  const perIteration = train.epochs * Math.min(train.minibatches, rollout.tasks_per_iteration);
  const begun = performance.now();
  const encoded = gpu.encodeMs;
  const left = tokensLeft(train, state);
  const collected = await collectGroups(collector, config, tasks, iteration, left, interrupted);
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
  const skippedInARow = countUpdates(state, learned.updates);
  const measured = measure(iteration, collected, learned, state.tokens);
  const rows = [...run.rows, measured];
  const signals = [
    ...collapseSignals(rows, collapseOptions(run.config)),
    ...notFinite(rows, skippedInARow, train.max_skipped_updates),
  ];
  const row = metricsRow(measured, signals.length, {
    rolloutMs: learning - begun,
    creditMs: learned.creditMs,
    updateMs: performance.now() - learning,
    encodeMs: gpu.encodeMs - encoded,
    memoryBytes: gpu.memory.bytes,
    residentBytes: process.memoryUsage.rss(),
  });
  return { row, signals };
}

/** Counts an iteration's updates. @returns the most that were skipped in a row */
function countUpdates(state: RunState, updates: readonly UpdateReport[]): number {
  let most = 0;
  for (const { applied } of updates) {
    if (applied) state.applied++;
    state.skipped = applied ? 0 : state.skipped + 1;
    most = Math.max(most, state.skipped);
  }
  return most;
}

/** Where a run goes when nobody says: runs/NAME below the current directory. */
export function defaultRunPath(config: RunConfig): string {
  return join("runs", config.run.name);
}
