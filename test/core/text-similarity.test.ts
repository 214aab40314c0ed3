import { expect, test } from "bun:test";
import fc from "fast-check";
import { CommonPieceFinder } from "../../src/core/common-piece.ts";
import { ComparedText, similarity } from "../../src/core/text-similarity.ts";
import { TOLERANCE } from "../support/tolerances.ts";

// What Python 3.11's difflib.SequenceMatcher(None, a, b, autojunk=False).ratio() says.
test.each([
  ["abcd", "bcde", 0.75],
  ["WIKIMEDIA", "WIKIMANIA", 0.7777777777777778],
  ["pennsylvania", "pencilvaneya", 0.6666666666666666],
  ["you see a cabinet 1 and a shelf 2", "you see a shelf 2 and a cabinet 10", 0.5671641791044776],
  ["ab", "ba", 0.5],
  ["aXbXc", "abcXX", 0.6],
  ["abab", "baba", 0.75],
  // The other way round it is 0.78125.
  ["you see a table and a cup apple", "you see a table and cup with lamp", 0.8125],
  ["", "x", 0],
  ["", "", 1],
  ["same", "same", 1],
])("%j and %j", (a, b, ratio) => {
  expect(similarity(a, b)).toBeClose(ratio, TOLERANCE.exact);
});

test("the bounds that spare the work change no answer", () => {
  const words = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 12 });
  const shares = fc.double({ min: 0.01, max: 1, noNaN: true });
  fc.assert(
    fc.property(words, words, shares, (a, b, least) => {
      expect(new ComparedText(a).isAlike(b, least)).toBe(similarity(b, a) >= least);
    }),
  );
});

test("the longest common piece is the one that comparing every pair of places finds", () => {
  const words = fc.string({ unit: fc.constantFrom("a", "b", "c", "\u2028"), maxLength: 30 });
  fc.assert(
    fc.property(words, words, (a, b) => {
      const { inA, inB, length } = plainLongest(a, b);
      expect(new CommonPieceFinder(b).longestIn(a)).toEqual({ inOther: inA, inText: inB, length });
    }),
    { numRuns: 2000 },
  );
});

test("one finder serves many texts", () => {
  const finder = new CommonPieceFinder("on the shelf 1, you see a vase 2");
  expect(finder.longestIn("a shelf")).toEqual({ inText: 6, inOther: 1, length: 6 });
  expect(finder.longestIn("you see")).toEqual({ inText: 16, inOther: 0, length: 7 });
  expect(finder.longestIn("")).toEqual({ inText: 0, inOther: 0, length: 0 });
  expect(finder.longestIn("XYZ")).toEqual({ inText: 0, inOther: 0, length: 0 });
});

test("pages of a few thousand characters are compared as short ones are", () => {
  const page = Array.from(
    { length: 60 },
    (_, i) => `[button] product ${i * 37} of the shop [button_]`,
  );
  const other = page.with(30, "[button] something else entirely, longer [button_]");
  const [a, b] = [page.join("\n"), other.join("\n")];
  const ratio = similarity(a, b);
  expect(ratio).toBeGreaterThan(0.97);
  expect(new ComparedText(a).isAlike(b, ratio)).toBe(true);
  expect(new ComparedText(a).isAlike(b, ratio + 1e-9)).toBe(false);
});

/** Of the longest common pieces the first in a, then the first in b. */
function plainLongest(a: string, b: string): { inA: number; inB: number; length: number } {
  let best = { inA: 0, inB: 0, length: 0 };
  for (let inA = 0; inA < a.length; inA++)
    for (let inB = 0; inB < b.length; inB++) {
      let length = 0;
      while (
        inA + length < a.length &&
        inB + length < b.length &&
        a[inA + length] === b[inB + length]
      )
        length++;
      if (length > best.length) best = { inA, inB, length };
    }
  return best;
}
