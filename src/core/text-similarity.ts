import { CommonPieceFinder } from "./common-piece.ts";

/**
 * How alike two texts are, after Ratcliff and Obershelp ("Pattern Matching: the Gestalt Approach", 1988): 2·M / T, T the
 * characters of both and M those that match: the longest piece that both have, and what matches so on its left and on its
 * right. Of equally long pieces the first one in `a` counts, then the first in `b`. Characters are UTF-16 units.
 *
 * Python's difflib, unless told `autojunk=False`, begins no piece at a character that makes up more than about 1 % of a
 * second text of 200 or more, and so finds long texts less alike: 0.40 where this says 0.96, for two of 1,870 characters.
 * @returns a number in [0, 1]; 1 for two empty texts
 */
export function similarity(a: string, b: string): number {
  const total = a.length + b.length;
  return total === 0 ? 1 : (2 * matching(a, b, new CommonPieceFinder(b), 0)) / total;
}

/** A text that many others are compared with. */
export class ComparedText {
  private readonly text: string;
  private readonly letters: ReadonlyMap<number, number>;
  private finder: CommonPieceFinder | undefined;

  constructor(text: string) {
    this.text = text;
    this.letters = letterCounts(text);
  }

  /** `similarity(other, text) ≥ least`; the work ends where lengths, letters or the pieces so far decide. */
  isAlike(other: string, least: number): boolean {
    if (this.text === other) return true;
    const total = this.text.length + other.length;
    const enough = (matches: number) => (2 * matches) / total >= least;
    if (!enough(Math.min(this.text.length, other.length))) return false;
    if (!enough(commonLetters(this.letters, other))) return false;
    this.finder ??= new CommonPieceFinder(this.text);
    // Rounded down, so that ending early never decides what the exact comparison would not.
    const needed = Math.floor((least * total) / 2) - 1;
    return enough(matching(other, this.text, this.finder, needed));
  }
}

/** M, or any number below `needed` as soon as M is known to be below. `finder` is b's. */
function matching(a: string, b: string, finder: CommonPieceFinder, needed: number): number {
  const waiting: [a: string, b: string, finder: CommonPieceFinder | undefined][] = [[a, b, finder]];
  let matched = 0;
  let possible = Math.min(a.length, b.length);
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    const [left, right, known] = pair;
    const finder = known ?? new CommonPieceFinder(right);
    const { inOther: inA, inText: inB, length } = finder.longestIn(left);
    possible -= Math.min(left.length, right.length);
    if (length > 0) {
      matched += length;
      const before: [string, string] = [left.slice(0, inA), right.slice(0, inB)];
      const after: [string, string] = [left.slice(inA + length), right.slice(inB + length)];
      for (const [one, other] of [before, after]) {
        const most = Math.min(one.length, other.length);
        if (most === 0) continue;
        possible += most;
        waiting.push([one, other, undefined]);
      }
    }
    if (matched + possible < needed) return matched;
  }
  return matched;
}

function letterCounts(text: string): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  return counts;
}

/** Letters that both have, wherever they stand: M is no larger. */
function commonLetters(counts: ReadonlyMap<number, number>, other: string): number {
  let common = 0;
  for (const [letter, count] of letterCounts(other))
    common += Math.min(count, counts.get(letter) ?? 0);
  return common;
}
