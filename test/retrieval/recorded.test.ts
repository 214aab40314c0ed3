/** Indexes of real texts against what was recorded from Lucene and from an independent BM25. */

import { beforeAll, describe, expect, test } from "bun:test";
import { buildIndex } from "../../src/retrieval/build-index.ts";
import { lengthCode } from "../../src/retrieval/lucene-length.ts";
import type { SearchIndex } from "../../src/retrieval/search-index.ts";
import {
  type GoldenBm25,
  goldenBm25,
  HAS_DEEPSEARCH,
  HAS_WEBSHOP,
  type LuceneRecord,
  luceneRecord,
  type ProductText,
  passages,
  productTexts,
} from "./data.ts";

describe.skipIf(!HAS_WEBSHOP)("1,000 products in Lucene", () => {
  let products: readonly ProductText[];
  let record: LuceneRecord;
  let index: SearchIndex;
  beforeAll(async () => {
    products = await productTexts();
    record = await luceneRecord();
    index = buildIndex(
      products.map(({ text }) => text),
      { analyzer: "lucene", scores: "lucene" },
    );
  });

  test("all 12,074 terms with both frequencies", () => {
    const ours = Array.from(index.terms(), (term) => {
      const { documents, occurrences } = index.statistics(term);
      return [term, [documents, occurrences]] as [string, [number, number]];
    });
    expect(new Map<string, readonly [number, number]>(ours)).toEqual(
      new Map(Object.entries(record.vocabulary)),
    );
    expect(index.termCount).toBe(record.stats.numTerms);
    expect(index.totalLength).toBe(record.stats.sumTotalTermFreq);
    expect(index.documentCount).toBe(record.stats.docCount);
    const postings = index.arrays.documentFrequencies.reduce((sum, count) => sum + count, 0);
    expect(postings).toBe(record.stats.sumDocFreq);
  });

  test("the length byte of every product", () => {
    const ours = products.map(({ asin }, at) => [asin, lengthCode(index.arrays.lengths[at]!)]);
    // The record may hold Java's signed bytes.
    const theirs = products.map(({ asin }) => [asin, record.norm_byte_by_asin[asin]! & 255]);
    expect(ours).toEqual(theirs);
  });

  test("the ranking of a public log", () => {
    const found = index
      .search("women jumpsuits", 5)
      .map(({ document }) => products[document]!.asin);
    expect(found).toEqual(["B09NDS8F4V", "B09PVNLVRW", "B09RV4TXKJ", "B099WX3CV5", "B09Q37JQZ6"]);
  });
});

describe.skipIf(!HAS_DEEPSEARCH)("28,918 passages", () => {
  let golden: GoldenBm25;
  let index: SearchIndex;
  beforeAll(async () => {
    golden = await goldenBm25();
    index = buildIndex(await passages());
  }, 120_000);

  test("documents, terms and lengths", () => {
    expect(index.documentCount).toBe(golden.n_docs);
    expect(index.totalLength).toBe(golden.sum_doc_len);
    expect(index.averageLength).toBe(golden.avgdl);
    expect(index.termCount).toBe(golden.vocab);
  });

  test.each([
    ["k1=0.9,b=0.4", { k1: 0.9, b: 0.4 }],
    ["k1=1.2,b=0.75", { k1: 1.2, b: 0.75 }],
  ] as const)("50 lists of ten, %s", (key, ranking) => {
    const ranked = index.withRanking(ranking);
    expect(golden.queries).toHaveLength(50);
    for (const query of golden.queries) {
      const hits = ranked.search(query.query, 10);
      expect(hits.map(({ document }) => String(document))).toEqual(query[key].map(([id]) => id));
      hits.forEach(({ score }, place) => {
        expect(Math.abs(score - query[key][place]![1])).toBeLessThanOrEqual(1e-6);
      });
    }
  });
});
