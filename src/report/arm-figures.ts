/** Figures of one arm over its runs. */

import { quantile } from "../core/quantile.ts";
import type { ArmRun } from "./arms.ts";
import { flatten, unlikeness } from "./config-text.ts";
import { type Change, type Estimate, pairedChange, seedEstimate } from "./estimates.ts";
import { firstAt, meanOf, type Retries, type RunFacts } from "./run-facts.ts";

/** Medians over runs, a run that never got there counting as last; null where most did not. */
export interface Reached {
  readonly reached: number;
  readonly runs: number;
  readonly iterations: number | null;
  readonly tokens: number | null;
}

/** Per episode: mean over runs with an interval over seeds, and the change against the first arm; null for that one. */
export type RetryEstimates = Readonly<
  Record<keyof Retries, (Estimate & { readonly change: Change | null }) | null>
>;

export function reaching(runs: readonly RunFacts[], success: number | undefined): Reached {
  const points = runs.map(({ curve }) =>
    success === undefined ? undefined : firstAt(curve, success),
  );
  const median = (pick: (point: { iteration: number; tokens: number }) => number) => {
    const all = points.map((point) => (point ? pick(point) : Number.POSITIVE_INFINITY));
    const value = quantile(
      all.sort((a, b) => a - b),
      0.5,
    );
    return Number.isFinite(value) ? value : null;
  };
  return {
    reached: points.filter((point) => point !== undefined).length,
    runs: runs.length,
    iterations: runs.length > 0 ? median(({ iteration }) => iteration) : null,
    tokens: runs.length > 0 ? median(({ tokens }) => tokens) : null,
  };
}

export function deviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = meanOf(values)!;
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

export function retryEstimates(
  runs: readonly RunFacts[],
  base: readonly RunFacts[],
  isBase: boolean,
  pick: (facts: RunFacts) => Retries,
): RetryEstimates {
  const one = (kind: keyof Retries) => {
    const found = seedEstimate(runs.map((run) => pick(run)[kind]));
    if (!found) return null;
    return { ...found, change: isBase ? null : pairedChange(runs, base, (run) => pick(run)[kind]) };
  };
  return { repeated: one("repeated"), invalid: one("invalid"), dead_ends: one("dead_ends") };
}

export function sumCounts(
  all: readonly Readonly<Record<string, number>>[],
): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

/** A run that stands in another one's place has another seed. */
export function mixedKeys(runs: readonly ArmRun[]): string[] {
  const begun = runs.flatMap(({ seed, files }) =>
    files ? [{ seed, config: files.completed }] : [],
  );
  const isMoved = begun.some(
    ({ seed, config }) => (flatten(config).get("run.seed") ?? seed) !== seed,
  );
  const keys = unlikeness(begun.map(({ config }) => config)).map(({ key }) => key);
  return isMoved ? ["run.seed", ...keys] : keys;
}
