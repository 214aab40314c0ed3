/**
 * Gathers the searches of one turn into one call. Whatever is asked before the event loop goes round, however
 * many episodes ask, goes to the other retriever as one list.
 */

import type { FoundPassage, Retriever } from "./retriever.ts";

interface Waiting {
  readonly queries: readonly string[];
  readonly k: number;
  readonly resolve: (found: readonly (readonly FoundPassage[])[]) => void;
  readonly reject: (error: unknown) => void;
}

export class BatchingRetriever implements Retriever {
  readonly #inner: Retriever;
  #waiting: Waiting[] = [];

  constructor(inner: Retriever) {
    this.#inner = inner;
  }

  search(queries: readonly string[], k: number): Promise<readonly (readonly FoundPassage[])[]> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#ask());
      this.#waiting.push({ queries, k, resolve, reject });
    });
  }

  #ask(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const k of new Set(waiting.map((one) => one.k))) {
      void this.#askFor(
        waiting.filter((one) => one.k === k),
        k,
      );
    }
  }

  async #askFor(waiting: readonly Waiting[], k: number): Promise<void> {
    try {
      const found = await this.#inner.search(
        waiting.flatMap(({ queries }) => queries),
        k,
      );
      let at = 0;
      for (const { queries, resolve } of waiting) {
        resolve(found.slice(at, at + queries.length));
        at += queries.length;
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}
