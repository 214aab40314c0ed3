/** Whether normalized entropies still tell steps apart: a few odd ones may own the whole scale. */

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
  if (values.length === 0) return 0;
  const place = 0.95 * (values.length - 1);
  const below = values[Math.floor(place)]!;
  const above = values[Math.ceil(place)]!;
  return below + (place - Math.floor(place)) * (above - below);
}
