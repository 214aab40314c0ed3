/**
 * Percentile bootstrap over two crossed factors. A replicate draws seeds and tasks with replacement, each by
 * itself; one draw of tasks serves all seeds, since all seeds are tested on the same tasks.
 */

import { quantile } from "../core/quantile.ts";
import { randomFrom, seedFor } from "../core/random.ts";

/** One run's result on each task; the order of tasks is the same for every run. */
export interface TaskResults {
  readonly wins: readonly number[];
  readonly episodes: readonly number[];
}

export const REPLICATES = 4000;

/** Share of replicates outside the interval, on each side. */
const TAIL = 0.025;

/** Every figure of a table meets the same draws, so that their differences are of the arms. */
const drawn = new Map<string, Uint16Array[]>();

/** How often each of `count` things was drawn, for every replicate: (replicates) × (count). */
export function drawCounts(count: number, name: "seeds" | "tasks"): readonly Uint16Array[] {
  const known = drawn.get(`${name} ${count}`);
  if (known) return known;
  const random = randomFrom(seedFor(0, "report", "bootstrap", name, count));
  const draws = Array.from({ length: REPLICATES }, () => {
    const counts = new Uint16Array(count);
    for (let i = 0; i < count; i++) counts[random.integer(count)]!++;
    return counts;
  });
  drawn.set(`${name} ${count}`, draws);
  return draws;
}

/** Success of one run over drawn tasks; NaN where none of them was played. */
export function weightedRate({ wins, episodes }: TaskResults, weights: Uint16Array): number {
  let won = 0;
  let played = 0;
  for (let task = 0; task < weights.length; task++) {
    won += weights[task]! * wins[task]!;
    played += weights[task]! * episodes[task]!;
  }
  return won / played;
}

/**
 * The 95 % interval of a mean over runs.
 * @param valueUnder a run's value under a draw of tasks; without tasks, its one value
 * @param tasks how many there are; 0 leaves them as they are
 * @returns undefined where one run and no task leave nothing to draw
 */
export function crossedInterval(
  runs: number,
  tasks: number,
  valueUnder: (run: number, weights: Uint16Array | undefined) => number,
): readonly [number, number] | undefined {
  if (runs === 0 || (runs === 1 && tasks < 2)) return undefined;
  const runDraws = drawCounts(runs, "seeds");
  const taskDraws = tasks > 0 ? drawCounts(tasks, "tasks") : undefined;
  const means: number[] = [];
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    let sum = 0;
    let votes = 0;
    runDraws[replicate]!.forEach((times, run) => {
      if (times === 0) return;
      const value = valueUnder(run, taskDraws?.[replicate]);
      if (Number.isNaN(value)) return;
      sum += times * value;
      votes += times;
    });
    if (votes > 0) means.push(sum / votes);
  }
  if (means.length === 0) return undefined;
  means.sort((a, b) => a - b);
  return [quantile(means, TAIL), quantile(means, 1 - TAIL)];
}

/**
 * The 95 % interval of the ratio of two sums over pairs.
 * @returns undefined with fewer than two pairs, and where one end has no number: too many draws have nothing to divide by
 */
export function ratioInterval(
  pairs: readonly (readonly [numerator: number, denominator: number])[],
): readonly [number, number] | undefined {
  if (pairs.length < 2) return undefined;
  const ratios = drawCounts(pairs.length, "seeds")
    .map((counts) => ratioOf(pairs, counts))
    // Nothing of nothing says nothing; something of nothing is beyond every bound.
    .filter((ratio) => !Number.isNaN(ratio))
    .sort((a, b) => a - b);
  const bounds = [quantile(ratios, TAIL), quantile(ratios, 1 - TAIL)] as const;
  return bounds.every(Number.isFinite) ? bounds : undefined;
}

/** @param weights how often each pair counts; absent: once */
export function ratioOf(
  pairs: readonly (readonly [numerator: number, denominator: number])[],
  weights?: ArrayLike<number>,
): number {
  let [above, below] = [0, 0];
  pairs.forEach(([numerator, denominator], i) => {
    const weight = weights ? weights[i]! : 1;
    above += weight * numerator;
    below += weight * denominator;
  });
  return above / below;
}
