/** What is ordinary for a number of a run's metrics, and what is far beyond that. */

import type { MetricsRow } from "./metrics.ts";

/** Iterations that a running median is taken over, and how many of them have to have the number. */
const ORDINARY = { over: 20, least: 3 };

/** A number beyond a multiple of the ordinary one, where that is more than `least`. */
export function beyond(
  rows: readonly MetricsRow[],
  at: number,
  key: string,
  multiple: number,
  least: number,
): { readonly value: number; readonly limit: number } | undefined {
  const value = measured(rows[at], key);
  const usual = before(rows, at, key);
  // Where most iterations teach nothing, the median is next to nothing, and a lesson is no explosion.
  const large = quantile(usual, 0.9);
  const limit = Math.max(multiple * ordinary(rows, at, key), 2 * large, least);
  return value > limit ? { value, limit } : undefined;
}

/** The median of what was measured before; NaN, past which nothing is, where that is too little or 0. */
export function ordinary(rows: readonly MetricsRow[], at: number, key: string): number {
  const values = before(rows, at, key);
  const middle = median(values);
  return values.length >= ORDINARY.least && middle > 0 ? middle : Number.NaN;
}

function before(rows: readonly MetricsRow[], at: number, key: string): number[] {
  const recent = rows.slice(Math.max(at - ORDINARY.over, 0), at);
  // An estimate of KL may be below 0; how far it is from there is what is ordinary.
  return recent.map((row) => Math.abs(measured(row, key))).filter(Number.isFinite);
}

/** A number that only updates have; NaN where there was none. */
export function measured(row: MetricsRow | undefined, key: string): number {
  const value = row && row.groups_used! > 0 ? row[key] : undefined;
  // An infinity is a signal of its own, and no number any more once it was written down.
  return Number.isFinite(value) ? value! : Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * The value that this share of the others do not exceed; NaN without any. Of two neighbours the lower: between them, one
 * explosion among a handful would raise its own limit.
 */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}
