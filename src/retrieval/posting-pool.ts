/**
 * Byte strings that all grow at once, one per term, without an object for each: a string is a chain
 * of slices in shared pages, every slice larger than the one before and ending in the address of
 * the next. Half of all terms occur once, so the first slice is tiny.
 */

import { UserError } from "../core/errors.ts";
import { grown } from "./grown.ts";

const PAGE_BITS = 20;
const PAGE_BYTES = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_BYTES - 1;
/** Addresses are 32 bits wide. */
const MOST_PAGES = 2 ** 32 / PAGE_BYTES;
/** Payload bytes of the first slice, the second, …; later ones are as large as the last. */
const SLICES = [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
const LINK_BYTES = 4;

export class PostingPool {
  readonly #pages: Uint8Array[] = [];
  #free = PAGE_BYTES;
  #count = 0;
  /** Per string: its first byte, where the next byte goes, where its last slice ends, which slice that is. */
  #heads = new Uint32Array(1 << 10);
  #cursors = new Uint32Array(1 << 10);
  #ends = new Uint32Array(1 << 10);
  #levels = new Uint8Array(1 << 10);

  /** Starts string number `count`, empty. */
  add(): void {
    const number = this.#count++;
    this.#heads = grown(this.#heads, this.#count);
    this.#cursors = grown(this.#cursors, this.#count);
    this.#ends = grown(this.#ends, this.#count);
    this.#levels = grown(this.#levels, this.#count);
    this.#heads[number] = this.#openSlice(number, 0);
  }

  /** Appends a number in 0 … 2³² − 1 to a string, seven bits a byte, the low ones first. */
  append(number: number, value: number): void {
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.#appendByte(number, (rest & 127) | 128);
    this.#appendByte(number, rest);
  }

  /** All strings one after another, and where each begins (one more than there are strings). */
  finish(): { bytes: Uint8Array; starts: Uint32Array } {
    const starts = new Uint32Array(this.#count + 1);
    let total = 0;
    for (let number = 0; number < this.#count; number++) {
      total += this.#pieces(number).reduce((sum, piece) => sum + piece.length, 0);
      starts[number + 1] = total;
    }
    const bytes = new Uint8Array(total);
    for (let number = 0; number < this.#count; number++) {
      let at = starts[number]!;
      for (const piece of this.#pieces(number)) {
        bytes.set(piece, at);
        at += piece.length;
      }
    }
    return { bytes, starts };
  }

  #appendByte(number: number, byte: number): void {
    if (this.#cursors[number] === this.#ends[number]) this.#nextSlice(number);
    const address = this.#cursors[number]!;
    this.#pages[address >>> PAGE_BITS]![address & PAGE_MASK] = byte;
    this.#cursors[number] = address + 1;
  }

  #nextSlice(number: number): void {
    const link = this.#ends[number]!;
    const next = this.#openSlice(number, Math.min(this.#levels[number]! + 1, SLICES.length - 1));
    const page = this.#pages[link >>> PAGE_BITS]!;
    for (let at = 0; at < LINK_BYTES; at++) page[(link & PAGE_MASK) + at] = next >>> (8 * at);
  }

  #openSlice(number: number, level: number): number {
    const size = SLICES[level]!;
    // A slice lies in one page, so that copying it is one call.
    if (this.#free + size + LINK_BYTES > PAGE_BYTES) {
      if (this.#pages.length === MOST_PAGES) {
        throw new UserError(
          "the search index has reached 4 GiB of postings, the most it can hold",
          "index the documents in several parts",
        );
      }
      this.#pages.push(new Uint8Array(PAGE_BYTES));
      this.#free = 0;
    }
    const start = (this.#pages.length - 1) * PAGE_BYTES + this.#free;
    this.#free += size + LINK_BYTES;
    this.#cursors[number] = start;
    this.#ends[number] = start + size;
    this.#levels[number] = level;
    return start;
  }

  #pieces(number: number): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let start = this.#heads[number]!;
    for (let slice = 0; ; slice++) {
      const page = this.#pages[start >>> PAGE_BITS]!;
      const offset = start & PAGE_MASK;
      const size = SLICES[Math.min(slice, SLICES.length - 1)]!;
      if (start + size === this.#ends[number]) {
        pieces.push(page.subarray(offset, offset + this.#cursors[number]! - start));
        return pieces;
      }
      pieces.push(page.subarray(offset, offset + size));
      start = new DataView(page.buffer).getUint32(offset + size, true);
    }
  }
}
