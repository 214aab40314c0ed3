import { seedFor } from "../core/random.ts";
import { taskListHash } from "../env/task-list.ts";
import type { SamplingOptions } from "../ops/transformer/sample.ts";
import { type Collector, collect } from "../rollout/collect.ts";
import { retryMeans } from "../rollout/retries.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { type KindResult, kindsOf, type MacroResult, scoresOf } from "./by-kind.ts";
import type { Figures } from "./figures.ts";
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
  /** Per episode; `rollout/retries.ts` says what counts. */
  readonly repeated_actions_mean: number;
  readonly invalid_actions_mean: number;
  readonly dead_ends_mean: number;
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
  /** Wins and episodes of every task that was played without a fault. */
  readonly by_task: Readonly<Record<string, readonly [wins: number, episodes: number]>>;
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
  const { trajectories, retries } = await collect(collector, plans, sampling, interrupted);
  const sound = ({ end }: Trajectory) => end !== "fault";
  const played = trajectories.filter(sound);
  const counts = retries.filter((_, i) => sound(trajectories[i]!));
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
    repeated_action_rate: counts.reduce((sum, { repeated }) => sum + repeated, 0) / turns,
    ...retryMeans(counts),
    environment_faults: trajectories.length - played.length,
    tasks: tasks.length,
    tasks_hash: taskListHash(tasks),
    ...scoresOf(played),
    ...(collector.world.kindOf && kindsOf(collector.world, plans, played)),
    by_task: byTask(plans, played),
  };
}

/** Tasks in the order in which they were played. */
export function byTask(
  plans: readonly { readonly name: string; readonly task: string }[],
  played: readonly Pick<Trajectory, "episode" | "success">[],
): Record<string, readonly [wins: number, episodes: number]> {
  const tasks = new Map(plans.map(({ name, task }) => [name, task]));
  const counts = new Map<string, readonly [number, number]>();
  for (const { episode, success } of played) {
    const task = tasks.get(episode)!;
    const [wins, episodes] = counts.get(task) ?? [0, 0];
    counts.set(task, [wins + (success ? 1 : 0), episodes + 1]);
  }
  return Object.fromEntries(counts);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(values.length, 1);
}
