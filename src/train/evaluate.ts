import { seedFor } from "../core/random.ts";
import type { World } from "../env/env.ts";
import { taskListHash } from "../env/task-list.ts";
import type { SamplingOptions } from "../ops/transformer/sample.ts";
import { type Collector, collect } from "../rollout/collect.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { type Figure, type Figures, figuresOf, macroFigures, macroOf } from "./figures.ts";
import { wilson } from "./wilson.ts";

/** What `empg eval --json` prints, and a line of eval.jsonl holds. */
export interface Evaluation {
  readonly env: string;
  readonly split: string;
  readonly temperature: number;
  readonly episodes: number;
  readonly success_rate: number;
  /** 95 % interval of the success rate (Wilson). */
  readonly ci95: readonly [number, number];
  readonly reward_mean: number;
  readonly turns_mean: number;
  readonly invalid_action_rate: number;
  readonly repeated_action_rate: number;
  readonly environment_faults: number;
  /** Tasks of the split, and the fingerprint of their list. */
  readonly tasks: number;
  readonly tasks_hash: string;
  /** Success by kind of task, where the world has several. */
  readonly by_kind?: Readonly<Record<string, KindResult>>;
  /** Means of what the world tells of its episodes, where it does. */
  readonly scores?: Figures;
  /** The same and success over kinds, each counting the same: all of them, and the world's groups of them. */
  readonly macro?: Readonly<Record<string, MacroResult>>;
}

export interface KindResult {
  readonly episodes: number;
  readonly success_rate: number;
  readonly ci95: readonly [number, number];
  readonly scores?: Figures;
}

export interface MacroResult {
  readonly kinds: readonly string[];
  readonly success: Figure;
  readonly scores?: Figures;
}

/**
 * Plays `episodes` episodes of a split, spread evenly over its tasks; episodes of one task share their
 * opening. The seed fixes openings and draws, so two policies meet the same episodes.
 * @throws InterruptedError when the signal comes before the last episode is over
 */
export async function evaluate(
  collector: Collector,
  options: { split: string; episodes: number; seed: number } & SamplingOptions,
  interrupted?: AbortSignal,
): Promise<Evaluation> {
  const { split, episodes, seed, ...sampling } = options;
  const { temperature } = sampling;
  const tasks = collector.world.splits[split]!;
  const plans = Array.from({ length: episodes }, (_, i) => {
    const task = Math.floor((i * tasks.length) / episodes);
    return {
      name: `eval/${split}/${i}`,
      group: `eval/${split}/${task}`,
      task: tasks[task]!,
      openingSeed: seedFor(seed, "eval-opening", split, task),
      seed: seedFor(seed, "eval", split, i),
    };
  });
  const { trajectories, repeated } = await collect(collector, plans, sampling, interrupted);
  const played = trajectories.filter(({ end }) => end !== "fault");
  const steps = played.flatMap((trajectory) => trajectory.steps);
  const wins = played.filter(({ success }) => success).length;
  const turns = Math.max(steps.length, 1);
  return {
    env: collector.world.name,
    split,
    temperature,
    episodes: played.length,
    success_rate: wins / Math.max(played.length, 1),
    ci95: wilson(wins, played.length),
    reward_mean: mean(played.map((trajectory: Trajectory) => trajectory.return)),
    turns_mean: mean(played.map((trajectory) => trajectory.steps.length)),
    invalid_action_rate: steps.filter(({ valid }) => !valid).length / turns,
    repeated_action_rate: repeated.reduce((a, b) => a + b, 0) / turns,
    environment_faults: trajectories.length - played.length,
    tasks: tasks.length,
    tasks_hash: taskListHash(tasks),
    ...scoresOf(played),
    ...(collector.world.kindOf && kindsOf(collector.world, plans, played)),
  };
}

function scoresOf(played: readonly Pick<Trajectory, "scores">[]): { scores?: Figures } {
  const told = played.flatMap(({ scores }) => (scores ? [scores] : []));
  return told.length === 0 ? {} : { scores: figuresOf(told) };
}

function kindsOf(world: World, plans: Plans, played: readonly Scored[]) {
  const by_kind = byKind(world, plans, played);
  const all = Object.keys(by_kind);
  const groups = Object.entries({ all, ...world.groups }).map(([name, list]) => {
    const kinds = list.filter((kind) => kind in by_kind);
    return [name, kinds] as const;
  });
  const told = groups.filter(([, kinds]) => kinds.length > 0);
  const macro = told.map(([name, kinds]) => [name, macroResult(by_kind, kinds)] as const);
  return { by_kind, ...(world.groups && { macro: Object.fromEntries(macro) }) };
}

/** @param kinds that were played, one at least */
export function macroResult(
  byKind: Readonly<Record<string, KindResult>>,
  kinds: readonly string[],
): MacroResult {
  const results = kinds.map((kind) => byKind[kind]!);
  const success = macroOf(
    results.map(({ success_rate: mean, ci95, episodes }) => ({ mean, ci95, episodes })),
  );
  const scores = results.flatMap((result) => (result.scores ? [result.scores] : []));
  return { kinds, success, ...(scores.length > 0 && { scores: macroFigures(scores) }) };
}

type Plans = readonly { readonly name: string; readonly task: string }[];
type Scored = Pick<Trajectory, "episode" | "success" | "scores">;

/** Kinds in the order in which the split's tasks first show them. */
export function byKind(
  world: World,
  plans: Plans,
  played: readonly Scored[],
): Record<string, KindResult> {
  const kinds = new Map(plans.map(({ name, task }) => [name, world.kindOf?.(task) ?? "other"]));
  const results = Map.groupBy(played, ({ episode }) => kinds.get(episode) ?? "other");
  return Object.fromEntries(
    [...results].map(([kind, list]) => {
      const wins = list.filter(({ success }) => success).length;
      const figures = { success_rate: wins / list.length, ci95: wilson(wins, list.length) };
      return [kind, { episodes: list.length, ...figures, ...scoresOf(list) }];
    }),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(values.length, 1);
}
