/** How the returns of a group become advantages. */
export interface GroupAdvantageOptions {
  /** Divide by the group's standard deviation; `false` gives Dr.GRPO's advantage (arXiv 2503.20783). */
  readonly std: boolean;
  /** Added to the standard deviation. */
  readonly eps: number;
  /** What a group of one has: 0, or its return with mean 0 and deviation 1. */
  readonly lonely?: "zero" | "raw";
}

/**
 * GRPO (arXiv 2402.03300): A(i) = (R(i) − mean R) / (std R + eps) within the group of i, std with n − 1.
 * One vote per row, a trajectory or a step. Where all returns of a group are equal A is exactly 0.
 * @param returns (N), one per row
 * @param groups (N), the group of each; members may stand anywhere
 * @returns advantages (N), in the same order
 */
export function groupAdvantages(
  returns: readonly number[],
  groups: readonly string[],
  { std, eps, lonely = "zero" }: GroupAdvantageOptions,
): number[] {
  const members = Map.groupBy(returns.keys(), (index) => groups[index]!);
  const advantages = returns.map(() => 0);
  for (const indices of members.values()) {
    const own = indices.map((index) => returns[index]!);
    const n = own.length;
    if (n === 1 && lonely === "raw") {
      for (const index of indices) advantages[index] = returns[index]! / (std ? 1 + eps : 1);
    }
    if (own.every((R) => R === own[0])) continue;
    const mean = own.reduce((sum, R) => sum + R, 0) / n;
    const squares = own.reduce((sum, R) => sum + (R - mean) ** 2, 0);
    const divisor = std ? Math.sqrt(squares / (n - 1)) + eps : 1;
    for (const index of indices) advantages[index] = (returns[index]! - mean) / divisor;
  }
  return advantages;
}

/** Which trajectories have a group that can be compared: one whose returns are not all equal. */
export function unequalGroups(
  returns: readonly number[],
  groups: readonly string[],
): readonly number[] {
  const members = Map.groupBy(returns.keys(), (index) => groups[index]!);
  const unequal = [...members.values()].filter((indices) =>
    indices.some((index) => returns[index] !== returns[indices[0]!]),
  );
  return unequal.flat().sort((a, b) => a - b);
}
