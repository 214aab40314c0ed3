/**
 * The documents of a term and how often each has it, as bytes. Per document: twice the gap from the
 * one before (neighbours have gap 0), plus one if the term occurs once; otherwise the number of
 * occurrences follows. Numbers are written seven bits a byte, the low ones first.
 */

import type { PostingPool } from "./posting-pool.ts";

/** Gaps are doubled within 32 bits. */
export const MOST_DOCUMENTS = 2 ** 31 - 1;

/** Appends a document, which comes after `previous` (−1: none), to the postings of a term. */
export function appendPosting(
  pool: PostingPool,
  term: number,
  { document, previous, frequency }: { document: number; previous: number; frequency: number },
): void {
  const gap = document - previous - 1;
  pool.append(term, gap * 2 + (frequency === 1 ? 1 : 0));
  if (frequency !== 1) pool.append(term, frequency);
}

/** Reads postings a block at a time, so that scoring loops over plain arrays. */
export class PostingReader {
  static readonly BLOCK = 512;
  readonly documents = new Uint32Array(PostingReader.BLOCK);
  readonly frequencies = new Uint32Array(PostingReader.BLOCK);
  readonly #bytes: Uint8Array;
  #at = 0;
  #end = 0;
  #document = -1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Sets out to read the postings from byte `start` to byte `end`. */
  open(start: number, end: number): void {
    this.#at = start;
    this.#end = end;
    this.#document = -1;
  }

  /**
   * Fills `documents` and `frequencies`; how many of their elements, 0 at the end. Both kinds of
   * number are decoded in place: this loop is where a search spends its time.
   */
  next(): number {
    const { documents, frequencies } = this;
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    let document = this.#document;
    let count = 0;
    while (count < PostingReader.BLOCK && at < end) {
      let byte = bytes[at++]!;
      let value = byte & 127;
      for (let shift = 7; byte > 127; shift += 7) {
        byte = bytes[at++]!;
        value |= (byte & 127) << shift;
      }
      document += (value >>> 1) + 1;
      let frequency = 1;
      if ((value & 1) === 0) {
        byte = bytes[at++]!;
        frequency = byte & 127;
        for (let shift = 7; byte > 127; shift += 7) {
          byte = bytes[at++]!;
          frequency |= (byte & 127) << shift;
        }
      }
      documents[count] = document;
      frequencies[count] = frequency;
      count++;
    }
    this.#at = at;
    this.#document = document;
    return count;
  }
}
