import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ANALYZERS, analyze } from "../../src/retrieval/analyzer.ts";
import { goldenBm25, goldenStems, HAS_DEEPSEARCH } from "./data.ts";

const lucene = (text: string) => analyze(text, { analyzer: "lucene" });
const plain = (text: string) => analyze(text, { analyzer: "letters-and-digits" });

test.each([
  ["The Director's cut", ["director", "cut"]],
  ["DON’T stop", ["don’t", "stop"]],
  ["James’S dogs＇s", ["jame", "dog"]],
  ["relational conformabli analogi", ["relat", "conform", "analog"]],
  ["as is", []],
  ["ies sses eed", ["i", "ss", "eed"]],
  ["İI ΣΑΣ", ["ii", "σασ"]],
])("lucene: %j", (text, terms) => {
  expect(lucene(text)).toEqual(terms);
});

test.each([
  ["The Director's cut", ["director", "cut"]],
  ["don't u.s.a 7.5 usb_c", ["don", "t", "u", "s", "7", "5", "usb", "c"]],
  ["Rock's'n Roll'sx", ["rock", "n", "roll", "sx"]],
  ["２ ½ 𝟘 Ünïted", ["２", "½", "𝟘", "ünïted"]],
])("letters and digits: %j", (text, terms) => {
  expect(plain(text)).toEqual(terms);
});

describe.skipIf(!HAS_DEEPSEARCH)("golden files", () => {
  test("2,000 stems", async () => {
    const rows = (await goldenStems()).filter(([word]) => plain(word).length > 0);
    expect(rows.length).toBeGreaterThan(1900);
    expect(rows.map(([word]) => [word, ...plain(word)])).toEqual(rows.map((row) => [...row]));
  });

  test("the tokens of 50 questions", async () => {
    const { queries } = await goldenBm25();
    expect(queries.map(({ query }) => plain(query))).toEqual(queries.map((q) => [...q.tokens]));
  });
});

test.each(ANALYZERS)("%s: any text has terms or none, the same each time", (analyzer) => {
  const text = fc.string({ unit: "binary", maxLength: 400 });
  fc.assert(
    fc.property(text, (any) => {
      const terms = analyze(any, { analyzer });
      expect(terms).not.toContain("");
      expect(analyze(any, { analyzer })).toEqual(terms);
    }),
  );
});

test.each([
  ["letters", "a"],
  ["the letter that is vowel and consonant", "y"],
  ["possessives", "'s"],
  ["connectors", "_"],
  ["combining marks", "\u0301"],
  ["joined pictographs", "👩\u200d"],
  ["half surrogates", "\ud800"],
  ["dotted letters", "a."],
])(
  "a million of %s take no more than seconds",
  (_, piece) => {
    const text = piece.repeat(1_000_000);
    const start = performance.now();
    for (const analyzer of ANALYZERS) analyze(text, { analyzer });
    // Anything quadratic would take hours.
    expect(performance.now() - start).toBeLessThan(60_000);
  },
  120_000,
);
