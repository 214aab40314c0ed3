/** Whether normalized entropies still tell steps apart: a few odd ones may own the whole scale. */

import { quantile } from "../core/quantile.ts";

/** Below this 95th percentile of h the gate is nearly constant (pilot: g between 0.83 and 1.09 for 90 % of steps). */
export const FLAT_BELOW = 0.5;

/**
 * The 95th percentile of h over the steps that have tokens, between neighbours by linear interpolation; 0 without any.
 * @param normalized (S) h
 * @param entropy (S) H; below 0 where a step is empty
 */
export function normalizedP95(normalized: ArrayLike<number>, entropy: ArrayLike<number>): number {
  const values = Array.from(normalized)
    .filter((_, step) => entropy[step]! >= 0)
    .sort((a, b) => a - b);
  return values.length === 0 ? 0 : quantile(values, 0.95);
}
