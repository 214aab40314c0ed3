/** Makes a search index from texts, one pass, in memory. */

import { invariant } from "../core/errors.ts";
import { analyze } from "./analyzer.ts";
import { grown } from "./grown.ts";
import { PostingPool } from "./posting-pool.ts";
import { appendPosting, MOST_DOCUMENTS } from "./postings.ts";
import { DEFAULT_OPTIONS, type IndexOptions, SearchIndex } from "./search-index.ts";
import { TermTable } from "./term-table.ts";

/** Told now and then how many documents are indexed, and once at the end. */
export type IndexProgress = (documents: number) => void;

/** Documents between two reports of progress. */
const REPORT_EVERY = 1000;

/** Indexes texts in their order: the first is document 0. */
export function buildIndex(
  texts: Iterable<string>,
  options: Partial<IndexOptions> = {},
  onProgress: IndexProgress = () => {},
): SearchIndex {
  const builder = new IndexBuilder(options);
  for (const text of texts) {
    builder.add(text);
    if (builder.documentCount % REPORT_EVERY === 0) onProgress(builder.documentCount);
  }
  onProgress(builder.documentCount);
  return builder.finish();
}

/** For texts that come one by one: `add` each, then `finish`. */
export class IndexBuilder {
  readonly #options: IndexOptions;
  readonly #terms = new TermTable();
  readonly #pool = new PostingPool();
  #documentCount = 0;
  #lengths = new Uint32Array(1 << 10);
  /** Per term: the documents that have it, the last of them, and occurrences in the document at hand. */
  #documentFrequencies = new Uint32Array(1 << 10);
  #lastDocuments = new Uint32Array(1 << 10);
  #occurrences = new Uint32Array(1 << 10);

  constructor(options: Partial<IndexOptions> = {}) {
    this.#options = { ...DEFAULT_OPTIONS, ...options };
  }

  get documentCount(): number {
    return this.#documentCount;
  }

  /** Indexes a text and gives its document number. */
  add(text: string): number {
    const document = this.#documentCount++;
    invariant(document < MOST_DOCUMENTS, `more than ${MOST_DOCUMENTS} documents`);
    const terms = analyze(text, this.#options);
    this.#lengths = grown(this.#lengths, this.#documentCount);
    this.#lengths[document] = terms.length;
    const distinct: number[] = [];
    for (const term of terms) {
      const number = this.#numberOf(term);
      if (this.#occurrences[number]! === 0) distinct.push(number);
      this.#occurrences[number]! += 1;
    }
    for (const number of distinct) this.#post(number, document);
    return document;
  }

  /** The index of what was added; nothing can be added any more. */
  finish(): SearchIndex {
    const { bytes, starts } = this.#pool.finish();
    const arrays = {
      ...this.#terms.arrays(),
      documentFrequencies: this.#documentFrequencies.slice(0, this.#terms.count),
      postings: bytes,
      postingStarts: starts,
      lengths: this.#lengths.slice(0, this.#documentCount),
    };
    return new SearchIndex(arrays, this.#options);
  }

  #numberOf(term: string): number {
    const before = this.#terms.count;
    const number = this.#terms.add(term);
    if (number === before) {
      this.#pool.add();
      this.#documentFrequencies = grown(this.#documentFrequencies, number + 1);
      this.#lastDocuments = grown(this.#lastDocuments, number + 1);
      this.#occurrences = grown(this.#occurrences, number + 1);
    }
    return number;
  }

  #post(term: number, document: number): void {
    const isFirst = this.#documentFrequencies[term] === 0;
    const previous = isFirst ? -1 : this.#lastDocuments[term]!;
    appendPosting(this.#pool, term, { document, previous, frequency: this.#occurrences[term]! });
    this.#documentFrequencies[term]! += 1;
    this.#lastDocuments[term] = document;
    this.#occurrences[term] = 0;
  }
}
