import { expect, test } from "bun:test";
import fc from "fast-check";
import { takeBest } from "../../src/retrieval/best-hits.ts";
import { buildIndex, IndexBuilder } from "../../src/retrieval/build-index.ts";
import { PostingPool } from "../../src/retrieval/posting-pool.ts";
import { appendPosting, MOST_DOCUMENTS, PostingReader } from "../../src/retrieval/postings.ts";
import { TermTable } from "../../src/retrieval/term-table.ts";

test("progress counts documents up to the last", () => {
  const seen: number[] = [];
  buildIndex(Array(2500).fill("oak"), {}, (documents) => seen.push(documents));
  expect(seen).toEqual([1000, 2000, 2500]);
});

test("documents added one by one make the same index", () => {
  const texts = ["red sky", "blue sky", "red red"];
  const builder = new IndexBuilder();
  expect(texts.map((text) => builder.add(text))).toEqual([0, 1, 2]);
  expect(builder.finish().arrays).toEqual(buildIndex(texts).arrays);
});

test("terms keep their numbers among a hundred thousand", () => {
  const table = new TermTable();
  const terms = Array.from({ length: 100_000 }, (_, n) => `${n.toString(36)}é${"x".repeat(n % 7)}`);
  const numbers = terms.map((term) => table.add(term));
  expect(numbers).toEqual(terms.map((_, n) => n));
  expect(terms.map((term) => table.add(term))).toEqual(numbers);
  const copy = new TermTable(table.arrays());
  expect(terms.map((term) => copy.find(term))).toEqual(numbers);
  expect(copy.term(77_777)).toBe(terms[77_777]!);
  expect(copy.find("absent")).toBeUndefined();
  expect(copy.find("y".repeat(100_000))).toBeUndefined();
});

test("postings are read as they were written, whatever the gaps and counts", () => {
  const gap = fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 ** 24 }));
  const frequency = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 31 - 1 }));
  const list = fc.array(fc.tuple(gap, frequency), { maxLength: 1200, size: "max" });
  fc.assert(
    fc.property(fc.array(list, { maxLength: 4 }), (lists) => {
      const pool = new PostingPool();
      const written = lists.map((pairs, term) => {
        pool.add();
        let previous = -1;
        return pairs
          .map(([step, count]) => {
            const document = previous + step;
            if (document > MOST_DOCUMENTS) return undefined;
            appendPosting(pool, term, { document, previous, frequency: count });
            previous = document;
            return [document, count];
          })
          .filter((posting) => posting !== undefined);
      });
      const { bytes, starts } = pool.finish();
      const reader = new PostingReader(bytes);
      const read = lists.map((_, term) => {
        const postings: number[][] = [];
        reader.open(starts[term]!, starts[term + 1]!);
        for (let count = reader.next(); count > 0; count = reader.next()) {
          for (let at = 0; at < count; at++) {
            postings.push([reader.documents[at]!, reader.frequencies[at]!]);
          }
        }
        return postings;
      });
      expect(read).toEqual(written);
    }),
    { numRuns: 40 },
  );
});

test("the widest gap and the last document survive", () => {
  const pool = new PostingPool();
  pool.add();
  appendPosting(pool, 0, { document: MOST_DOCUMENTS, previous: -1, frequency: 2 });
  const { bytes } = pool.finish();
  const reader = new PostingReader(bytes);
  reader.open(0, bytes.length);
  expect(reader.next()).toBe(1);
  expect([reader.documents[0], reader.frequencies[0]]).toEqual([MOST_DOCUMENTS, 2]);
});

test("the best hits are those of a full sort, and the scores are zero afterwards", () => {
  const scores = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 100 });
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 30 }), (values, k) => {
      const array = Float64Array.from(values);
      const sorted = values
        .map((score, document) => ({ document, score }))
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score || a.document - b.document);
      expect(takeBest(array, k, (score) => score)).toEqual(sorted.slice(0, k));
      expect(array.every((score) => score === 0)).toBe(true);
    }),
  );
});
