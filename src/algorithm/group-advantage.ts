/** How the returns of a group become advantages. */
export interface GroupAdvantageOptions {
  /** Divide by the group's standard deviation; `false` gives Dr.GRPO's advantage (arXiv 2503.20783). */
  readonly std: boolean;
  /** Added to the standard deviation. */
  readonly eps: number;
}

/**
 * GRPO (arXiv 2402.03300): A(i) = (R(i) − mean R) / (std R + eps) within the group of i, std with n − 1.
 * One vote per trajectory, however many steps it has. Where all returns of a group are equal, and in a group
 * of one, A is exactly 0.
 * @param returns (N), one per trajectory
 * @param groups (N), the group of each; members may stand anywhere
 * @returns advantages (N), in the same order
 */
export function groupAdvantages(
  returns: readonly number[],
  groups: readonly string[],
  { std, eps }: GroupAdvantageOptions,
): number[] {
  const members = Map.groupBy(returns.keys(), (index) => groups[index]!);
  const advantages = returns.map(() => 0);
  for (const indices of members.values()) {
    const own = indices.map((index) => returns[index]!);
    if (own.every((value) => value === own[0])) continue;
    const mean = own.reduce((a, b) => a + b) / own.length;
    const squares = own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const divisor = std ? Math.sqrt(squares / (own.length - 1)) + eps : 1;
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
