/**
 * Edits (insertions, deletions, substitutions, swaps of neighbours) that turn `a` into `b`; capitals
 * and the difference between "-", "_" and a space cost nothing. O(|a| · |b|).
 */
export function editDistance(a: string, b: string): number {
  const from = fold(a);
  const to = fold(b);
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let cost = Math.min(
        (above[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (above[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        cost = Math.min(cost, (before[j - 2] as number) + 1);
      }
      row.push(cost);
    }
    before = above;
    above = row;
  }
  return above[to.length] as number;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, "-");
}

/**
 * The known name a mistyped one most probably meant; undefined when none is close (more than a third
 * of the letters wrong, at least two allowed). The earlier of two equally near names wins.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const distance = editDistance(name, candidate);
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

/** "did you mean "x"?", or the empty string; the hint of every "unknown name" error. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const found = nearest(name, known);
  return found === undefined ? "" : `did you mean "${found}"?`;
}
