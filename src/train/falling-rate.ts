/** Whether a rate has fallen by more than chance explains: its mean over some iterations against the best such mean before. */

import type { CollapseConfig } from "./collapse-config.ts";
import type { MetricsRow } from "./metrics.ts";

/** A number past its limit. */
export interface Excess {
  readonly value: number;
  readonly limit: number;
  /** The row that shows it first, where that is not this one. */
  readonly first?: number;
}

/** Iterations that tell by themselves how widely a rate scatters; fewer go by how often it was drawn. */
const LEAST_SCATTERED = 3;
/** Standard errors that a fall has to exceed. */
const ERRORS = 4;

/** A rate's mean over the last iterations, below its share of the best such mean. */
export function fall(
  rows: readonly MetricsRow[],
  at: number,
  rate: Rate,
  drop: number,
  { window, smoothing }: Pick<CollapseConfig, "window" | "smoothing">,
): Excess | undefined {
  const recent = (end: number) => smoothed(rows, end, rate, smoothing);
  const now = recent(at);
  let best: Smoothed | undefined;
  let bestAt = at;
  for (let end = Math.max(at - window, 0); end < at; end++) {
    const then = recent(end);
    if (!then || (best && then.mean < best.mean)) continue;
    best = then;
    bestAt = end;
  }
  if (!now || !best) return undefined;
  const limit = (1 - drop) * best.mean;
  const error = Math.sqrt(now.errorSquared + best.errorSquared);
  const falling = now.mean < limit && best.mean - now.mean > ERRORS * error;
  return falling ? { value: now.mean, limit, first: bestAt + 1 } : undefined;
}

interface Smoothed {
  readonly mean: number;
  readonly errorSquared: number;
}

/** A share of what was played in an iteration. */
export interface Rate {
  /** Undefined where every episode had a fault, and nothing is known of the policy. */
  readonly of: (row: MetricsRow) => number | undefined;
  /** Things that go well or badly by themselves. */
  readonly draws: (row: MetricsRow) => number;
}

/** Episodes of one task mostly go the same way. */
const groups = ({ groups_used = 0, groups_dropped = 0 }: MetricsRow) =>
  groups_used + groups_dropped;

export const SUCCESS: Rate = {
  of: ({ success_rate, turns_mean }) => (turns_mean! > 0 ? success_rate : undefined),
  draws: groups,
};

/** Turns of one episode mostly go the same way. */
export const VALID: Rate = {
  of: ({ invalid_action_rate, turns_mean }) =>
    turns_mean! > 0 ? 1 - invalid_action_rate! : undefined,
  draws: (row) => row.episodes ?? groups(row),
};

/** Over the `count` iterations up to `end`, or those there are; undefined where one of them has no number. */
function smoothed(
  rows: readonly MetricsRow[],
  end: number,
  { of, draws }: Rate,
  count: number,
): Smoothed | undefined {
  const some = rows.slice(Math.max(end + 1 - count, 0), end + 1);
  const n = some.length;
  const mean = some.reduce((sum, row) => sum + (of(row) ?? Number.NaN), 0) / n;
  if (!Number.isFinite(mean)) return undefined;
  if (n < Math.min(count, LEAST_SCATTERED)) {
    const drawn = some.reduce((sum, row) => sum + draws(row), 0);
    // Of a rate that was 0 or 1 so far, one more draw of each kind says how far it may be from that.
    const share = (mean * drawn + 1) / (drawn + 2);
    return { mean, errorSquared: (share * (1 - share)) / Math.max(drawn, 1) };
  }
  const squares = some.reduce((sum, row) => sum + (of(row)! - mean) ** 2, 0);
  return { mean, errorSquared: squares / n ** 2 };
}
