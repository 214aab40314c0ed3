/**
 * Terms and their numbers, in three arrays that a file can hold as they are: the bytes of all terms
 * one after another (UTF-8), where each begins, and an open hash table of numbers.
 */

import { grown } from "./grown.ts";

export interface TermArrays {
  /** UTF-8 of term t is `bytes` from `starts[t]` to `starts[t + 1]`. */
  readonly bytes: Uint8Array;
  /** One more than there are terms. */
  readonly starts: Uint32Array;
  /** A power of two of them: term number + 1, or 0; a term sits at its hash or in the next free slot. */
  readonly slots: Uint32Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class TermTable {
  #bytes: Uint8Array;
  #starts: Uint32Array;
  #slots: Uint32Array;
  #count: number;
  #scratch = new Uint8Array(1024);

  /** A new table, or one over arrays that `arrays` gave; only a new one can be added to. */
  constructor(arrays?: TermArrays) {
    this.#bytes = arrays?.bytes ?? new Uint8Array(1 << 12);
    this.#starts = arrays?.starts ?? new Uint32Array(1 << 10);
    this.#slots = arrays?.slots ?? new Uint32Array(1 << 11);
    this.#count = arrays === undefined ? 0 : arrays.starts.length - 1;
  }

  get count(): number {
    return this.#count;
  }

  /** The number of a term, or undefined for an unknown one. */
  find(term: string): number | undefined {
    const length = this.#encode(term);
    const number = this.#slots[this.#slotOf(length)]! - 1;
    return number < 0 ? undefined : number;
  }

  /** The number of a term, which is a new one if it was unknown; numbers count from 0. */
  add(term: string): number {
    const length = this.#encode(term);
    const slot = this.#slotOf(length);
    const known = this.#slots[slot]!;
    if (known !== 0) return known - 1;
    const start = this.#starts[this.#count]!;
    this.#bytes = grown(this.#bytes, start + length);
    this.#bytes.set(this.#scratch.subarray(0, length), start);
    this.#count++;
    this.#starts = grown(this.#starts, this.#count + 1);
    this.#starts[this.#count] = start + length;
    this.#slots[slot] = this.#count;
    if (this.#count * 2 > this.#slots.length) this.#rehash();
    return this.#count - 1;
  }

  /** The text of term `number`. */
  term(number: number): string {
    return decoder.decode(this.#bytes.subarray(this.#starts[number], this.#starts[number + 1]));
  }

  /** The arrays, without spare room. */
  arrays(): TermArrays {
    return {
      bytes: this.#bytes.subarray(0, this.#starts[this.#count]),
      starts: this.#starts.subarray(0, this.#count + 1),
      slots: this.#slots,
    };
  }

  /** Puts the UTF-8 of a term into the scratch; its length in bytes. */
  #encode(term: string): number {
    // A UTF-16 unit takes three bytes at most.
    if (term.length * 3 > this.#scratch.length) this.#scratch = new Uint8Array(term.length * 4);
    return encoder.encodeInto(term, this.#scratch).written;
  }

  /** Where the term in the scratch is, or where it would go. */
  #slotOf(length: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(this.#scratch, 0, length) & mask;
    for (;;) {
      const known = this.#slots[slot]!;
      if (known === 0 || this.#equals(known - 1, length)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #equals(number: number, length: number): boolean {
    const start = this.#starts[number]!;
    if (this.#starts[number + 1]! - start !== length) return false;
    for (let at = 0; at < length; at++) {
      if (this.#bytes[start + at] !== this.#scratch[at]) return false;
    }
    return true;
  }

  #rehash(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      let slot = hash(this.#bytes, this.#starts[number]!, this.#starts[number + 1]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

/** FNV-1a with a last stir, because the table looks at the low bits. */
function hash(bytes: Uint8Array, from: number, to: number): number {
  let state = 0x811c9dc5;
  for (let at = from; at < to; at++) state = Math.imul(state ^ bytes[at]!, 0x01000193);
  state ^= state >>> 15;
  return state >>> 0;
}
