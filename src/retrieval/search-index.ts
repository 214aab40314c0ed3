/** Documents that are found by their words, best first. */

import { invariant } from "../core/errors.ts";
import { type AnalyzerName, analyze } from "./analyzer.ts";
import { type Hit, takeBest } from "./best-hits.ts";
import { PostingReader } from "./postings.ts";
import { type Ranking, type Scorer, scorer } from "./ranking.ts";
import { type TermArrays, TermTable } from "./term-table.ts";

export interface IndexOptions extends Ranking {
  readonly analyzer: AnalyzerName;
  /** What tells these texts from others, for whoever indexes them; kept in the file. */
  readonly source?: string;
}

/** As Pyserini ranks, and as Search-R1's server does; lengths and arithmetic are exact. */
export const DEFAULT_OPTIONS: IndexOptions = {
  analyzer: "letters-and-digits",
  k1: 0.9,
  b: 0.4,
  scores: "exact",
};

/** All that an index is: what a file holds as it is. T terms, N documents. */
export interface IndexArrays extends TermArrays {
  /** In how many documents each term occurs (T). */
  readonly documentFrequencies: Uint32Array;
  /** The bytes of postings.ts, term after term. */
  readonly postings: Uint8Array;
  /** Where the postings of each term begin (T + 1). */
  readonly postingStarts: Uint32Array;
  /** Terms in each document, repeats counted (N). */
  readonly lengths: Uint32Array;
}

export class SearchIndex {
  readonly options: IndexOptions;
  readonly arrays: IndexArrays;
  readonly documentCount: number;
  /** Terms in all documents, repeats counted. */
  readonly totalLength: number;
  readonly averageLength: number;
  readonly #terms: TermTable;
  readonly #reader: PostingReader;
  readonly #score: Scorer;
  /** One sum per document, all zero between searches; made by the first. */
  #scores: Float64Array | undefined;

  constructor(arrays: IndexArrays, options: IndexOptions) {
    this.arrays = arrays;
    this.options = options;
    this.documentCount = arrays.lengths.length;
    this.totalLength = arrays.lengths.reduce((sum, length) => sum + length, 0);
    this.averageLength = this.documentCount === 0 ? 0 : this.totalLength / this.documentCount;
    this.#terms = new TermTable(arrays);
    this.#reader = new PostingReader(arrays.postings);
    this.#score = scorer(options, this, arrays.lengths);
  }

  /** Distinct terms. */
  get termCount(): number {
    return this.#terms.count;
  }

  /** The same documents ranked by other rules; the arrays are shared. */
  withRanking(ranking: Partial<Ranking>): SearchIndex {
    return new SearchIndex(this.arrays, { ...this.options, ...ranking });
  }

  /**
   * The `k` ≥ 1 documents that match a query best, best first; fewer when fewer have a term of it.
   * Equal scores are in the order of indexing; index by ascending id to have Anserini's ties.
   */
  search(query: string, k: number): Hit[] {
    invariant(Number.isSafeInteger(k) && k > 0, `a search for ${k} documents`);
    const repeats = this.#queryTerms(query);
    if (repeats.size === 0) return [];
    this.#scores ??= new Float64Array(this.documentCount);
    for (const [term, count] of repeats) {
      this.#openPostings(term);
      const documents = this.arrays.documentFrequencies[term]!;
      this.#score(this.#reader, { documents, repeats: count }, this.#scores);
    }
    const isSingle = this.options.scores === "lucene";
    return takeBest(this.#scores, k, isSingle ? Math.fround : (score) => score);
  }

  /** Documents that have a term (as `analyze` gives it), and its occurrences in all of them. */
  statistics(term: string): { documents: number; occurrences: number } {
    const number = this.#terms.find(term);
    if (number === undefined) return { documents: 0, occurrences: 0 };
    this.#openPostings(number);
    let occurrences = 0;
    for (let count = this.#reader.next(); count > 0; count = this.#reader.next()) {
      for (let at = 0; at < count; at++) occurrences += this.#reader.frequencies[at]!;
    }
    return { documents: this.arrays.documentFrequencies[number]!, occurrences };
  }

  /** All terms, in the order in which they first occurred. */
  *terms(): Generator<string> {
    for (let number = 0; number < this.termCount; number++) yield this.#terms.term(number);
  }

  /** Known terms of a query and how often each occurs in it, in order. */
  #queryTerms(query: string): Map<number, number> {
    const repeats = new Map<number, number>();
    for (const term of analyze(query, this.options)) {
      const number = this.#terms.find(term);
      if (number !== undefined) repeats.set(number, (repeats.get(number) ?? 0) + 1);
    }
    return repeats;
  }

  #openPostings(term: number): void {
    const { postingStarts } = this.arrays;
    this.#reader.open(postingStarts[term]!, postingStarts[term + 1]!);
  }
}
