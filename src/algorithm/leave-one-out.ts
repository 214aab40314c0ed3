/**
 * A(i) = R(i) − mean of the others = n/(n − 1)·(R(i) − mean R), n the members of the group of i.
 * The others know nothing of what i drew, so that the mean of R − baseline is that of R (arXiv 2402.14740).
 * @param returns (N), one per row
 * @param groups (N), whose others count; members may stand anywhere
 * @param lonely what a group of one has: 0, or its return
 * @returns advantages (N), in the same order; exactly 0 where all returns of a group are equal
 */
export function leaveOneOut(
  returns: readonly number[],
  groups: readonly string[],
  { lonely }: { readonly lonely: "zero" | "raw" },
): number[] {
  const members = Map.groupBy(returns.keys(), (index) => groups[index]!);
  const advantages = returns.map(() => 0);
  for (const indices of members.values()) {
    const n = indices.length;
    const first = returns[indices[0]!]!;
    if (n === 1 && lonely === "raw") advantages[indices[0]!] = first;
    if (indices.every((index) => returns[index] === first)) continue;
    const mean = indices.reduce((sum, index) => sum + returns[index]!, 0) / n;
    for (const index of indices) advantages[index] = (n / (n - 1)) * (returns[index]! - mean);
  }
  return advantages;
}
