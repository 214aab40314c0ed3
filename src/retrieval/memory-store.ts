/**
 * Passages in memory, as UTF-8 in pages: strings and objects would take three times as much, and keep the lines alive
 * that they were cut from.
 */

import { invariant } from "../core/errors.ts";
import { grown } from "./grown.ts";
import type { PassageStore } from "./passage-store.ts";
import type { Passage } from "./retriever.ts";

const PAGE_BYTES = 1 << 20;
/** Numbers per passage: its page, where its id begins, where its contents begin, where they end. */
const PLACES = 4;

export class MemoryStore implements PassageStore {
  readonly #pages: Uint8Array[] = [];
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #page = new Uint8Array(0);
  #used = 0;
  #count = 0;
  #places = new Uint32Array(1 << 12);

  constructor(passages: Iterable<Passage> = []) {
    for (const passage of passages) this.add(passage);
  }

  get count(): number {
    return this.#count;
  }

  add({ id, contents }: Passage): void {
    const most = 3 * (id.length + contents.length);
    if (this.#pages.length === 0 || this.#used + most > this.#page.length) {
      this.#page = new Uint8Array(Math.max(PAGE_BYTES, most));
      this.#pages.push(this.#page);
      this.#used = 0;
    }
    const start = this.#used;
    const middle = start + this.#write(id, start);
    this.#used = middle + this.#write(contents, middle);
    this.#places = grown(this.#places, PLACES * (this.#count + 1));
    this.#places.set([this.#pages.length - 1, start, middle, this.#used], PLACES * this.#count);
    this.#count++;
  }

  read(document: number): Passage {
    invariant(document >= 0 && document < this.#count, `passage ${document} of ${this.#count}`);
    const [page, start, middle, end] = this.#places.subarray(PLACES * document);
    const text = (from: number, to: number) =>
      this.#decoder.decode(this.#pages[page!]!.subarray(from, to));
    return { id: text(start!, middle!), contents: text(middle!, end!) };
  }

  /** @returns bytes */
  #write(text: string, at: number): number {
    return this.#encoder.encodeInto(text, this.#page.subarray(at)).written;
  }
}
