import { describe, expect, test } from "bun:test";
import {
  normalize,
  normalizeR1Searcher,
  normalizeWithArticles,
} from "../../../src/env/deepsearch/normalize.ts";
import {
  coverMatch,
  exactMatch,
  f1,
  setF1,
  substringMatch,
} from "../../../src/env/deepsearch/scoring.ts";
import { goldenScores, HAS_DATA } from "./data.ts";

test.skipIf(!HAS_DATA)("182 recorded scorings, the guard for empty answers off", async () => {
  const rows = await goldenScores();
  expect(rows).toHaveLength(182);
  const options = { emptyGuard: false };
  for (const { prediction, golden_answers: accepted, ...wanted } of rows) {
    expect(normalize(prediction)).toBe(wanted.normalized_prediction);
    expect(exactMatch(prediction, accepted, options)).toBe(wanted.em);
    expect(substringMatch(prediction, accepted, options)).toBe(wanted.subem);
    expect(f1(prediction, accepted, options)).toBeCloseTo(wanted.f1, 8);
  }
});

test.skipIf(!HAS_DATA)("with the guard only rows of articles and marks alone differ", async () => {
  const rows = (await goldenScores()).filter(
    ({ prediction, golden_answers: accepted, em }) => exactMatch(prediction, accepted) !== em,
  );
  expect(rows.map(({ prediction, golden_answers: [accepted] }) => [prediction, accepted])).toEqual([
    ["a an the", ""],
    ["A", "the"],
  ]);
});

describe("normalisation", () => {
  test.each([
    ["The  Beatles!", "beatles"],
    ["U.S.A.", "usa"],
    ["theatre a", "theatre"],
    // A letter outside ASCII is a letter: "à" is no article, "éa" holds none.
    ["à éa a", "à éa"],
    ["a_b a", "ab"],
    ["don’t “quote”", "don’t “quote”"],
    ["Zoë", "zoë"],
  ])("of %j is %j", (text, normal) => {
    expect(normalize(text)).toBe(normal);
  });

  test("R1-Searcher's turns marks into spaces and True into yes", () => {
    expect(normalizeR1Searcher("New_York-City’s")).toBe("new york city s");
    expect(normalizeR1Searcher("True.")).toBe("yes");
    expect(normalizeR1Searcher("true story")).toBe("true story");
  });

  test("DeepResearcher's keeps articles", () => {
    expect(normalizeWithArticles("The U.S.")).toBe("the u s");
  });
});

describe("an answer of articles alone", () => {
  test("is compared as it stands", () => {
    expect(exactMatch("the the", ["The The"])).toBe(1);
    expect(exactMatch("a", ["The The"])).toBe(0);
    expect(f1("The The", ["the the"])).toBe(1);
  });

  test("agrees with nothing else when it is the prediction", () => {
    expect(exactMatch("the", ["Paris"])).toBe(0);
    expect(substringMatch("", ["Paris"])).toBe(0);
    expect(coverMatch("", ["Paris"])).toBe(0);
  });
});

test("F1 is that of the best accepted answer, by words counted", () => {
  // Two of three words given, two of two wanted: P 2/3, R 1.
  expect(f1("big red dog", ["red dog", "cat"])).toBeCloseTo(0.8, 12);
  expect(f1("red red", ["red"])).toBeCloseTo(2 / 3, 12);
});

test("a yes that should be a no scores nothing, unless the rule is off", () => {
  expect(f1("yes it is", ["yes"])).toBe(0);
  expect(f1("yes it is", ["yes"], { yesNoRule: false })).toBeCloseTo(0.5, 12);
});

test("CoverEM wants every word, in any order", () => {
  expect(coverMatch("Carolina, in the South", ["South Carolina"])).toBe(1);
  expect(coverMatch("Carolina", ["South Carolina"])).toBe(0);
});

test("the set form counts a word once and keeps articles", () => {
  expect(setF1("red red", ["red"])).toBe(1);
  expect(setF1("the red", ["red"])).toBeCloseTo(2 / 3, 12);
});
