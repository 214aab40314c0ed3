/** Means over runs with bootstrap intervals: of success, of differences of success, of anything else. */

import {
  crossedInterval,
  ratioInterval,
  ratioOf,
  type TaskResults,
  weightedRate,
} from "./bootstrap.ts";
import { meanOf, type RunFacts } from "./run-facts.ts";
import type { EvaluationRecord } from "./run-records.ts";

/** A mean over runs with its 95 % bootstrap interval. */
export interface Estimate {
  readonly value: number;
  readonly ci95: readonly [number, number] | null;
  /** What the interval was drawn over; null without one. */
  readonly over: "seeds and tasks" | "seeds" | "tasks" | null;
  readonly runs: number;
}

/** Mean success of several runs' evaluations. */
export function rateEstimate(
  evaluations: readonly EvaluationRecord[],
  tasks: readonly string[],
): Estimate | null {
  const results = taskResults(evaluations, tasks);
  const rates = evaluations.map(({ success_rate }) => success_rate);
  return estimate(
    rates,
    tasks.length,
    results && ((run, weights) => weightedRate(results[run]!, weights)),
  );
}

/** Mean of the runs' own differences; both sides of a pair meet the same draw of tasks. */
export function differenceEstimate(
  ours: readonly EvaluationRecord[],
  theirs: readonly EvaluationRecord[],
  tasks: readonly string[],
): Estimate | null {
  const [a, b] = [taskResults(ours, tasks), taskResults(theirs, tasks)];
  const differences = ours.map(({ success_rate }, i) => success_rate - theirs[i]!.success_rate);
  const both =
    a &&
    b &&
    ((run: number, w: Uint16Array) => weightedRate(a[run]!, w) - weightedRate(b[run]!, w));
  return estimate(differences, tasks.length, both);
}

/** Runs of equal seed are pairs; a seed that only one arm has tells nothing here. */
export function pairedDifference(
  runs: readonly RunFacts[],
  base: readonly RunFacts[],
  tasks: readonly string[],
): Estimate | null {
  const pairs = pairBySeed(runs, base);
  const ours = pairs.map(([a]) => a.last!);
  const theirs = pairs.map(([, b]) => b.last!);
  return differenceEstimate(ours, theirs, tasks);
}

/** As a share of the first arm's, over the seeds that both have. */
export interface Change {
  /** −0.3 is 30 % less. */
  readonly value: number;
  readonly ci95: readonly [number, number] | null;
  /** Seeds. */
  readonly runs: number;
}

/** Runs of equal seed are pairs here too; null where the first arm has nothing to be a share of. */
export function pairedChange(
  runs: readonly RunFacts[],
  base: readonly RunFacts[],
  pick: (facts: RunFacts) => number | undefined,
): Change | null {
  const pairs = pairBySeed(runs, base).flatMap(([ours, theirs]) => {
    const [a, b] = [pick(ours), pick(theirs)];
    return a === undefined || b === undefined ? [] : [[a, b] as const];
  });
  const ratio = ratioOf(pairs);
  if (!Number.isFinite(ratio)) return null;
  const interval = ratioInterval(pairs);
  const ci95 = interval ? ([interval[0] - 1, interval[1] - 1] as const) : null;
  return { value: ratio - 1, ci95, runs: pairs.length };
}

function pairBySeed(
  runs: readonly RunFacts[],
  base: readonly RunFacts[],
): (readonly [RunFacts, RunFacts])[] {
  const free = [...base];
  return runs.flatMap((run) => {
    const at = free.findIndex(({ seed }) => seed === run.seed);
    return at < 0 ? [] : [[run, free.splice(at, 1)[0]!] as const];
  });
}

/** An interval over seeds alone, for what is no share of tasks. */
export function seedEstimate(values: readonly (number | undefined)[]): Estimate | null {
  return estimate(
    values.filter((value) => value !== undefined),
    0,
    undefined,
  );
}

function estimate(
  values: readonly number[],
  tasks: number,
  underDraw: ((run: number, weights: Uint16Array) => number) | undefined,
): Estimate | null {
  if (values.length === 0) return null;
  const overTasks = underDraw !== undefined && tasks > 1;
  const ci95 = crossedInterval(values.length, overTasks ? tasks : 0, (run, weights) =>
    overTasks && weights ? underDraw(run, weights) : values[run]!,
  );
  const seeds = values.length > 1;
  const over = overTasks ? (seeds ? "seeds and tasks" : "tasks") : "seeds";
  return {
    value: meanOf(values)!,
    ci95: ci95 ?? null,
    over: ci95 ? over : null,
    runs: values.length,
  };
}

/** Undefined unless every evaluation says how each task went. */
function taskResults(
  evaluations: readonly EvaluationRecord[],
  tasks: readonly string[],
): TaskResults[] | undefined {
  if (evaluations.some(({ by_task }) => by_task === undefined)) return undefined;
  return evaluations.map(({ by_task = {} }) => {
    const of = (task: string) => (Object.hasOwn(by_task, task) ? by_task[task]! : [0, 0]);
    return {
      wins: tasks.map((task) => of(task)[0]!),
      episodes: tasks.map((task) => of(task)[1]!),
    };
  });
}

export function taskNames(facts: readonly RunFacts[]): string[] {
  const evaluations = facts.flatMap(({ first, last }) => [first, last]);
  return [...new Set(evaluations.flatMap((one) => Object.keys(one?.by_task ?? {})))].sort();
}
