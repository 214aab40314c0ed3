/**
 * Step entropy: one number for everything the policy generated in one turn.
 *
 *   mean   H = Σ_j H_j / n      (the paper, default)
 *   max    H = max_j H_j
 *   first  H = H_0
 *
 * Only generated tokens count. A step without any has no entropy: null, never 0.
 */

export type StepEntropyMode = "mean" | "max" | "first";

/** Token entropies of one step (n) → H in nats, or null when n is 0. */
export function stepEntropy(
  tokenEntropies: ArrayLike<number>,
  mode: StepEntropyMode = "mean",
): number | null {
  const entropies = Array.from(tokenEntropies);
  const first = entropies[0];
  if (first === undefined) return null;
  if (mode === "first") return first;
  if (mode === "max") return entropies.reduce((a, b) => Math.max(a, b));
  return entropies.reduce((a, b) => a + b) / entropies.length;
}
