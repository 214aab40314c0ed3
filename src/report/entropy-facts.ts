/** What saved rollouts say about entropy: how it is distributed, and how it changed from the first to the last. */

import { quantile } from "../core/quantile.ts";
import { short } from "./curves.ts";
import { meanOf } from "./run-facts.ts";
import { type SavedIteration, type SavedStep, stepEntropyOf } from "./saved-rollouts.ts";

export interface Histogram {
  readonly symbol: string;
  readonly from: number;
  readonly width: number;
  /** Share of steps in each bin, in the first and in the last saved iteration; empty where no step has the number. */
  readonly first: readonly number[];
  readonly last: readonly number[];
}

export interface EntropyFacts {
  readonly histograms: readonly Histogram[];
  /** Mean H of each twentieth of the steps, by rank of H: first, and last minus first; empty without two iterations. */
  readonly ranks: { readonly first: readonly number[]; readonly change: readonly number[] };
  /** Steps in the first and in the last saved iterations. */
  readonly steps: readonly [number, number];
}

const BINS = 24;
export const RANKS = 20;

const QUANTITIES: readonly (readonly [string, (step: SavedStep) => number | null | undefined])[] = [
  ["H", stepEntropyOf],
  ["h", ({ modulation }) => modulation?.normalized_entropy],
  ["g", ({ modulation }) => modulation?.scale],
  ["f", ({ modulation }) => modulation?.clarity],
];

/** @param runs saved iterations of an arm's runs; their steps are pooled */
export function entropyFacts(runs: readonly (readonly SavedIteration[])[]): EntropyFacts {
  // A run with one saved iteration has a first one and no last one to compare it with.
  const [firsts, lasts] = [runs.map((saved) => saved[0]), runs.map(lastOf)].map((chosen) =>
    chosen.flatMap((one) => one?.episodes.flatMap(({ steps }) => steps) ?? []),
  );
  const histograms = QUANTITIES.flatMap(([symbol, pick]) => {
    const [before, after] = [numbers(firsts!, pick), numbers(lasts!, pick)];
    return before.length + after.length > 0 ? [histogram(symbol, before, after)] : [];
  });
  const both = runs.filter((saved) => saved.length > 1);
  const pooled = (pick: (saved: readonly SavedIteration[]) => SavedIteration | undefined) =>
    rankMeans(
      both.flatMap((saved) => {
        const steps = pick(saved)?.episodes.flatMap((episode) => episode.steps) ?? [];
        return numbers(steps, stepEntropyOf);
      }),
    );
  const [before, after] = [pooled((saved) => saved[0]), pooled(lastOf)];
  const change = after.map((value, rank) => short(value - before[rank]!));
  const known = before.length === after.length;
  return {
    histograms,
    ranks: known ? { first: before.map(short), change } : { first: [], change: [] },
    steps: [firsts!.length, lasts!.length],
  };
}

function lastOf(saved: readonly SavedIteration[]): SavedIteration | undefined {
  return saved.length > 1 ? saved.at(-1) : undefined;
}

function numbers(
  steps: readonly SavedStep[],
  pick: (step: SavedStep) => number | null | undefined,
): number[] {
  return steps.map(pick).filter((value) => typeof value === "number");
}

/** The steps in order of H, cut into twenty equal parts: the mean of each; none for fewer steps than parts. */
export function rankMeans(entropies: readonly number[]): number[] {
  if (entropies.length < RANKS) return [];
  const sorted = entropies.toSorted((a, b) => a - b);
  const place = (rank: number) => Math.round((rank * sorted.length) / RANKS);
  return Array.from(
    { length: RANKS },
    (_, rank) => meanOf(sorted.slice(place(rank), place(rank + 1)))!,
  );
}

/** Bins of equal width up to the 99.5th percentile; what lies beyond is in the last. */
function histogram(symbol: string, first: readonly number[], last: readonly number[]): Histogram {
  const sorted = [...first, ...last].sort((a, b) => a - b);
  const from = symbol === "g" ? sorted[0]! : Math.min(0, sorted[0]!);
  const top = quantile(sorted, 0.995);
  const width = top > from ? (top - from) / BINS : 1 / BINS;
  const shares = (values: readonly number[]) => {
    if (values.length === 0) return [];
    const counts = new Array<number>(BINS).fill(0);
    for (const value of values) {
      counts[Math.max(0, Math.min(BINS - 1, Math.floor((value - from) / width)))]!++;
    }
    return counts.map((count) => short(count / values.length));
  };
  return {
    symbol,
    from: short(from),
    width: short(width),
    first: shares(first),
    last: shares(last),
  };
}
