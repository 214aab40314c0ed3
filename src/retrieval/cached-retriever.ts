/** A retriever that asks another only what it has not been told before. */

import type { FoundPassage, Retriever } from "./retriever.ts";

const REMEMBERED = 1 << 14;

export class CachedRetriever implements Retriever {
  readonly #inner: Retriever;
  readonly #capacity: number;
  /** The least recently asked first. */
  readonly #known = new Map<string, readonly FoundPassage[]>();

  /** @param capacity answers that are remembered */
  constructor(inner: Retriever, capacity = REMEMBERED) {
    this.#inner = inner;
    this.#capacity = capacity;
  }

  async search(queries: readonly string[], k: number): Promise<(readonly FoundPassage[])[]> {
    const answers = new Map<string, readonly FoundPassage[]>();
    const unknown: string[] = [];
    for (const query of new Set(queries)) {
      const known = this.#recall(`${k} ${query}`);
      if (known) answers.set(query, known);
      else unknown.push(query);
    }
    if (unknown.length > 0) {
      const found = await this.#inner.search(unknown, k);
      unknown.forEach((query, i) => {
        answers.set(query, found[i]!);
        this.#remember(`${k} ${query}`, found[i]!);
      });
    }
    return queries.map((query) => answers.get(query)!);
  }

  #recall(key: string): readonly FoundPassage[] | undefined {
    const known = this.#known.get(key);
    if (known) this.#remember(key, known);
    return known;
  }

  #remember(key: string, found: readonly FoundPassage[]): void {
    this.#known.delete(key);
    this.#known.set(key, found);
    if (this.#known.size <= this.#capacity) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      break;
    }
  }
}
