/**
 * Advantages against the mean of the others.
 *
 *   A(i) = R(i) − 1/(n − 1) · Σ_{j ≠ i} R(j)        j over the n rows of the group of i
 *
 * Decisions: a row is an episode, or each of its `votes` steps, all with the episode's return. Without others A is
 * `lonely`: 0, or R(i).
 */
export function leaveOneOut(
  returns: readonly number[],
  groups: readonly string[],
  votes: readonly number[] = returns.map(() => 1),
  lonely: "zero" | "raw" = "zero",
): number[] {
  return returns.map((own, i) => {
    const rows = returns.flatMap((value, j) =>
      groups[j] === groups[i] ? Array.from({ length: votes[j]! }, () => value) : [],
    );
    rows.splice(rows.indexOf(own), 1);
    if (rows.length === 0) return lonely === "raw" ? own : 0;
    return own - rows.reduce((a, b) => a + b) / rows.length;
  });
}
