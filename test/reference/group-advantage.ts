/**
 * Group-relative advantage of GRPO.
 *
 *   A(i) = (R(i) − mean_group) / (std_group + eps)         eps = 1e-6
 *   std = false: A(i) = R(i) − mean_group                  (Dr.GRPO)
 *
 * Decisions: one vote per trajectory, however many steps it has. std divides by n − 1. A group
 * whose returns are all equal, a group of one included, gets exactly 0.
 */

export interface GroupAdvantageOptions {
  readonly std?: boolean;
  readonly eps?: number;
}

/** returns (N) and the group each belongs to (N) → advantages (N), in the same order. */
export function groupAdvantages<Group>(
  returns: readonly number[],
  groups: readonly Group[],
  { std = true, eps = 1e-6 }: GroupAdvantageOptions = {},
): number[] {
  return returns.map((value, index) => {
    const members = returns.filter((_, other) => groups[other] === groups[index]);
    if (members.every((member) => member === value)) return 0;
    const mean = members.reduce((a, b) => a + b) / members.length;
    if (!std) return value - mean;
    const squares = members.reduce((sum, member) => sum + (member - mean) ** 2, 0);
    return (value - mean) / (Math.sqrt(squares / (members.length - 1)) + eps);
  });
}
