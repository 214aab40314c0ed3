import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { buildIndex } from "../../src/retrieval/build-index.ts";
import { lengthCode, lengthOfCode } from "../../src/retrieval/lucene-length.ts";
import type { Ranking } from "../../src/retrieval/ranking.ts";

/** Documents over few words, so that scores tie and terms repeat; words are their own terms. */
const WORDS = ["red", "blue", "sky", "fig", "oak", "zinc"];
const text = fc.array(fc.constantFrom(...WORDS), { maxLength: 60 });
const documents = fc.array(text, { minLength: 1, maxLength: 40 });

/** The definition, document by document; `f32` rounds where Lucene does. */
function referenceHits(
  texts: readonly string[][],
  query: readonly string[],
  { k1, b, scores }: Ranking,
) {
  const isLucene = scores === "lucene";
  const f32 = isLucene ? Math.fround : (x: number) => x;
  const mean = f32(texts.reduce((sum, words) => sum + words.length, 0) / texts.length);
  const all = texts.map((words, document) => {
    const length = isLucene ? squeezed(words.length) : words.length;
    const K = f32(f32(k1) * f32(f32(1 - f32(b)) + f32(f32(f32(b) * length) / mean)));
    let sum = 0;
    for (const term of new Set(query)) {
      const df = texts.filter((other) => other.includes(term)).length;
      const tf = words.filter((word) => word === term).length;
      const repeats = query.filter((word) => word === term).length;
      const idf = f32(Math.log(1 + (texts.length - df + 0.5) / (df + 0.5)));
      const w = f32(repeats * idf);
      if (tf === 0) continue;
      sum += isLucene ? f32(w - f32(w / f32(1 + f32(tf * f32(1 / K))))) : (w * tf) / (tf + K);
    }
    return { document, score: f32(sum) };
  });
  return all.filter(({ score }) => score > 0).sort((x, y) => y.score - x.score);
}

/** The length that Lucene would read back, by the definition: the longest with the bits kept. */
function squeezed(length: number): number {
  const rest = length - 24;
  if (rest < 8) return length;
  const step = 2 ** (Math.floor(Math.log2(rest)) - 3);
  return 24 + Math.floor(rest / step) * step;
}

test("lucene: scores and order equal the definition in single precision, to the bit", () => {
  const ranking = { k1: 0.9, b: 0.4, scores: "lucene" } as const;
  fc.assert(
    fc.property(documents, text, fc.integer({ min: 1, max: 50 }), (texts, query, k) => {
      const index = buildIndex(
        texts.map((words) => words.join(" ")),
        {
          analyzer: "lucene",
          ...ranking,
        },
      );
      const expected = referenceHits(texts, query, ranking).slice(0, k);
      expect(index.search(query.join(" "), k)).toEqual(expected);
    }),
  );
});

test.each([
  [0.9, 0.4],
  [1.2, 0.75],
  [0, 0],
  [2, 1],
])("exact, k1 = %d, b = %d: scores equal the definition", (k1, b) => {
  fc.assert(
    fc.property(documents, text, fc.integer({ min: 1, max: 50 }), (texts, query, k) => {
      const index = buildIndex(texts.map((words) => words.join(" "))).withRanking({ k1, b });
      const expected = referenceHits(texts, query, { k1, b, scores: "exact" });
      const hits = index.search(query.join(" "), k);
      expect(hits).toHaveLength(Math.min(k, expected.length));
      const scoreOf = new Map(expected.map(({ document, score }) => [document, score]));
      hits.forEach(({ document, score }, place) => {
        expect(score).toBeCloseTo(scoreOf.get(document)!, 12);
        expect(score).toBeCloseTo(expected[place]!.score, 12);
      });
    }),
  );
});

test("equal documents come in the order of indexing, at the cut too", () => {
  for (const scores of ["exact", "lucene"] as const) {
    const index = buildIndex(Array(20).fill("red sky over blue water"), { scores });
    expect(index.search("blue sky", 7).map(({ document }) => document)).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6],
    ]);
  }
});

test("a search leaves nothing behind for the next", () => {
  const index = buildIndex(["red fig", "blue fig", "oak"]);
  const first = index.search("fig", 1);
  index.search("oak red blue", 2);
  expect(index.search("fig", 1)).toEqual(first);
});

test("no known term, no hits", () => {
  const index = buildIndex(["red", "", "the"]);
  for (const query of ["", "the", "unknown", "\ud800"]) expect(index.search(query, 5)).toEqual([]);
  expect(buildIndex([]).search("red", 5)).toEqual([]);
});

describe("length byte", () => {
  test("exact below 40", () => {
    for (let length = 0; length < 40; length++)
      expect(lengthOfCode(lengthCode(length))).toBe(length);
  });

  test("four significant bits above, rounded down", () => {
    const length = fc.integer({ min: 40, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(length, (x) => {
        expect(lengthCode(x)).toBeLessThan(256);
        expect(lengthOfCode(lengthCode(x))).toBe(squeezed(x));
      }),
    );
  });
});
