import { join } from "node:path";
import { randomFrom, seedFor } from "../core/random.ts";
import type { World } from "../env/env.ts";
import type { Gpu } from "../gpu/device.ts";
import { BrokenPolicyError } from "../model/broken-policy.ts";
import type { ModelFiles } from "../model/directory.ts";
import { type Collector, collect } from "../rollout/collect.ts";
import { writeTrajectories } from "../rollout/trajectory.ts";
import type { RunConfig } from "./config.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import { learn, updateOptions } from "./iteration.ts";
import { type MetricsRow, metricsRow } from "./metrics.ts";
import { openCollector, openPolicy, requireSplit, startingAdapter } from "./policy.ts";
import { type UpdateReport, type Updater, warmUpdate } from "./policy-update.ts";
import { RemainingTime } from "./remaining-time.ts";
import { restore, save } from "./resume.ts";
import type { RunDirectory } from "./run-directory.ts";
import { TensorBoard } from "./tensorboard.ts";
import { openUpdater } from "./updater.ts";

/** What a run tells whoever watches it. */
export interface RunEvents {
  begun(facts: { parameters: number; tasks: number; iteration: number }): void;
  iteration(row: MetricsRow, remainingMs: number): void;
  evaluated(iteration: number, evaluation: Evaluation): void;
  note(text: string): void;
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
export async function train(
  gpu: Gpu,
  config: RunConfig,
  files: ModelFiles,
  world: World,
  directory: RunDirectory,
  events: RunEvents,
  interrupted: AbortSignal,
): Promise<RunResult> {
  const tasks = requireSplit(world, config.env.split);
  requireSplit(world, config.eval.split);
  using scope = gpu.scope();
  const { path, lora } = config.model;
  const adapter = startingAdapter(files, lora, config.run.seed);
  const policy = await openPolicy(gpu, scope, path, files, adapter);
  const { updater, trainer } = await openUpdater(gpu, scope, config, policy);
  const group = config.rollout.group_size;
  const collector = openCollector(gpu, scope, policy, world, {
    maxTurns: config.env.max_turns,
    maxTokensPerTurn: config.rollout.max_tokens_per_turn,
    invalidActionPenalty: config.env.invalid_action_penalty,
    timeoutMs: config.env.timeout_ms,
    rows: Math.max(
      config.rollout.tasks_per_iteration * group,
      Math.min(config.eval.episodes, EVALUATION_ROWS),
    ),
  });
  const { trainable } = trainer;
  const restored = await restore(gpu, directory.path, policy, trainable);
  for (const note of restored.notes) events.note(note);
  const start = restored.iteration;
  directory.rewind(start > 0 ? start : -1);
  events.begun({
    parameters: policy.model.arena.layout.count,
    tasks: tasks.length,
    iteration: start,
  });

  const { iterations, epochs, minibatches } = config.train;
  const perIteration = epochs * Math.min(minibatches, config.rollout.tasks_per_iteration);
  const remaining = new RemainingTime();
  const check = async (iteration: number, options: Partial<EvalChoice> = {}) => {
    const { split, temperature, episodes } = config.eval;
    const seed = config.run.seed;
    const choice = { split, temperature, episodes, topP: 1, seed, ...options };
    const began = performance.now();
    const evaluation = await evaluate(collector, choice);
    remaining.evaluated(choice.episodes, performance.now() - began);
    directory.append("eval.jsonl", { iteration, ...evaluation });
    events.evaluated(iteration, evaluation);
    return evaluation;
  };
  /** Beside the figure that counts, where half as many episodes tell enough: sharper, and on training tasks. */
  const checkBeside = async (iteration: number) => {
    const episodes = Math.ceil(config.eval.episodes / 2);
    await check(iteration, { temperature: SHARP, episodes });
    await check(iteration, { split: config.env.split, episodes });
  };
  /** Of the weights that the run began with, after its first iteration: nobody waits long for that one's figures. */
  const checkBesideStart = async () => {
    await trainable.with(gpu, policy.start, () => checkBeside(0));
  };

  // While the first evaluation keeps the device busy, the updates' kernels compile.
  const warmed = warmUpdate(updater, updateOptions(config, 0, 1));
  warmed.catch(() => {});
  const board = config.report.tensorboard ? new TensorBoard(directory.path) : undefined;
  let first = firstEvaluation(directory);
  if (start === 0) first = await check(0);
  let last: Evaluation | undefined;
  await warmed;
  let { skipped } = restored;
  let reached = start;
  try {
    for (let iteration = start + 1; iteration <= iterations; iteration++) {
      reached = iteration;
      const { row, updates } = await oneIteration(collector, updater, config, directory, tasks, {
        iteration,
        updates: (iteration - 1) * perIteration,
        totalUpdates: iterations * perIteration,
      });
      directory.append("metrics.jsonl", row);
      board?.scalars(iteration, row);
      remaining.iterated(row.time_rollout_ms! + row.time_update_ms!);
      const episodesLeft = config.eval.episodes * evaluationsLeft(iteration, config);
      events.iteration(row, remaining.estimate(iterations - iteration, episodesLeft));
      let diverged = false;
      for (const { applied } of updates) {
        skipped = applied ? 0 : skipped + 1;
        diverged ||= skipped >= config.train.max_skipped_updates;
      }
      if (diverged) {
        events.note(`iteration ${iteration}: several updates in a row were not finite`);
        const stop = config.train.on_collapse === "stop";
        if (stop) return { end: "diverged", iterations: iteration, first, last };
      }
      if (iteration === 1) await checkBesideStart();
      const final = iteration === iterations;
      const { every } = config.eval;
      if (final) {
        last = await check(iteration);
        await checkBeside(iteration);
      } else if (every > 0 && iteration % every === 0) await check(iteration);
      const { checkpoint_every } = config.train;
      const due = checkpoint_every > 0 && iteration % checkpoint_every === 0;
      if (final || due || interrupted.aborted) {
        const { keep_checkpoints } = config.train;
        await save(
          gpu,
          directory.path,
          policy,
          trainable,
          { iteration, skipped },
          keep_checkpoints,
        );
      }
      if (interrupted.aborted && !final) {
        return { end: "interrupted", iterations: iteration, first, last };
      }
    }
  } catch (error) {
    // Nothing finite is left to go on from; the last checkpoint is from before.
    if (!(error instanceof BrokenPolicyError)) throw error;
    events.note(`iteration ${reached}: ${error.message}`);
    return { end: "diverged", iterations: reached, first, last };
  }
  return { end: "done", iterations, first, last: last ?? lastEvaluation(directory) };
}

/** Evaluations after an iteration; the last one comes with two of half its length, and so did the first. */
function evaluationsLeft(iteration: number, { train, eval: { every } }: RunConfig): number {
  const done = (upTo: number) => (every > 0 ? Math.floor(upTo / every) : 0);
  const between = done(train.iterations - 1) - done(iteration - 1);
  return between + (iteration === 1 ? 1 : 0) + 2;
}

/** The sharper temperature that published evaluations use, shown beside the run's own. */
const SHARP = 0.4;

/** The most episodes that an evaluation runs side by side. */
const EVALUATION_ROWS = 160;

interface EvalChoice {
  readonly split: string;
  readonly temperature: number;
  readonly episodes: number;
}

async function oneIteration(
  collector: Collector,
  updater: Updater,
  config: RunConfig,
  directory: RunDirectory,
  tasks: readonly string[],
  progress: { iteration: number; updates: number; totalUpdates: number },
): Promise<{ row: MetricsRow; updates: readonly UpdateReport[] }> {
  const { run, rollout, report } = config;
  const { iteration } = progress;
  const chosen = tasksOf(tasks, run.seed, iteration, rollout.tasks_per_iteration);
  const plans = chosen.flatMap((task, place) =>
    Array.from({ length: rollout.group_size }, (_, member) => ({
      name: `${iteration}/${place}#${member}`,
      group: `${iteration}/${place}`,
      task,
      openingSeed: seedFor(run.seed, "opening", iteration, place),
      seed: seedFor(run.seed, "rollout", iteration, place, member),
    })),
  );
  const { gpu } = updater;
  const begun = performance.now();
  const encoded = gpu.encodeMs;
  const { temperature, top_p: topP, top_k: topK } = rollout;
  const sampling = { temperature, topP, topK };
  const collected = await collect(collector, plans, sampling);
  const learning = performance.now();
  const learned = await learn(updater, config, collected.trajectories, progress);
  if (report.rollouts_every > 0 && iteration % report.rollouts_every === 0) {
    await writeTrajectories(directory.rolloutFile(iteration), collected.trajectories);
  }
  const row = metricsRow(iteration, collected, learned, {
    rolloutMs: learning - begun,
    updateMs: performance.now() - learning,
    encodeMs: gpu.encodeMs - encoded,
    memoryBytes: gpu.memory.bytes,
    residentBytes: process.memoryUsage.rss(),
  });
  return { row, updates: learned.updates };
}

/** Tasks in shuffled rounds: each is played once before any is played again. */
function tasksOf(
  tasks: readonly string[],
  seed: number,
  iteration: number,
  count: number,
): string[] {
  const round = (index: number) => randomFrom(seedFor(seed, "round", index)).shuffle(tasks);
  return Array.from({ length: count }, (_, i) => {
    const place = (iteration - 1) * count + i;
    return round(Math.floor(place / tasks.length))[place % tasks.length]!;
  });
}

function evaluations(directory: RunDirectory): readonly Evaluation[] {
  return directory.rows("eval.jsonl") as unknown as Evaluation[];
}

function firstEvaluation(directory: RunDirectory): Evaluation | undefined {
  return evaluations(directory)[0];
}

/** The last evaluation like the first: same split, same temperature. */
function lastEvaluation(directory: RunDirectory): Evaluation | undefined {
  const [first, ...rest] = evaluations(directory);
  return rest.findLast(
    ({ split, temperature }) => split === first?.split && temperature === first?.temperature,
  );
}

/** Where a run goes when nobody says: runs/NAME below the current directory. */
export function defaultRunPath(config: RunConfig): string {
  return join("runs", config.run.name);
}
