/**
 * How alike two texts are, after Ratcliff and Obershelp ("Pattern Matching: the Gestalt Approach", 1988): 2·M / T, T the
 * characters of both and M those that match: the longest piece that both have, and what matches so on its left and on its
 * right. Of equally long pieces the first one in `a` counts, then the first in `b`. Characters are UTF-16 units.
 * @returns a number in [0, 1]; 1 for two empty texts
 */
export function similarity(a: string, b: string): number {
  const total = a.length + b.length;
  return total === 0 ? 1 : (2 * matching(a, b)) / total;
}

/** `similarity(a, b) ≥ least`, without computing it where lengths or letters already say no. */
export function similar(a: string, b: string, least: number): boolean {
  if (a === b) return true;
  const total = a.length + b.length;
  const possible = (matches: number) => (2 * matches) / total >= least;
  if (!possible(Math.min(a.length, b.length)) || !possible(commonLetters(a, b))) return false;
  return similarity(a, b) >= least;
}

/** M. */
function matching(a: string, b: string): number {
  const { at, inB, length } = longestCommonPiece(a, b);
  if (length === 0) return 0;
  const left = matching(a.slice(0, at), b.slice(0, inB));
  return length + left + matching(a.slice(at + length), b.slice(inB + length));
}

function longestCommonPiece(a: string, b: string): { at: number; inB: number; length: number } {
  let best = { at: 0, inB: 0, length: 0 };
  // For each end in b, how long the common piece is that ends there and at the last character of a seen so far.
  let before = new Uint32Array(b.length + 1);
  let now = new Uint32Array(b.length + 1);
  for (let i = 0; i < a.length; i++) {
    const letter = a.charCodeAt(i);
    for (let j = 0; j < b.length; j++) {
      const length = b.charCodeAt(j) === letter ? before[j]! + 1 : 0;
      now[j + 1] = length;
      if (length > best.length) best = { at: i + 1 - length, inB: j + 1 - length, length };
    }
    [before, now] = [now, before];
  }
  return best;
}

/** Letters that both have, wherever they stand: M is no larger. */
function commonLetters(a: string, b: string): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < a.length; i++) {
    const letter = a.charCodeAt(i);
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  let common = 0;
  for (let j = 0; j < b.length; j++) {
    const letter = b.charCodeAt(j);
    const left = counts.get(letter) ?? 0;
    if (left === 0) continue;
    counts.set(letter, left - 1);
    common++;
  }
  return common;
}
