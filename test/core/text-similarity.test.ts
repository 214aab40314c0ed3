import { expect, test } from "bun:test";
import fc from "fast-check";
import { similar, similarity } from "../../src/core/text-similarity.ts";
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
      expect(similar(a, b, least)).toBe(similarity(a, b) >= least);
    }),
  );
});
