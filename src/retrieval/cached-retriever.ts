/** A retriever that asks another only what it has not been told before. */

import { Recent } from "../core/recent.ts";
import type { FoundPassage, Retriever } from "./retriever.ts";

const REMEMBERED = 1 << 14;

export class CachedRetriever implements Retriever {
  readonly #inner: Retriever;
  readonly #known: Recent<string, readonly FoundPassage[]>;

  /** @param capacity answers that are remembered */
  constructor(inner: Retriever, capacity = REMEMBERED) {
    this.#inner = inner;
    this.#known = new Recent(capacity);
  }

  async search(queries: readonly string[], k: number): Promise<(readonly FoundPassage[])[]> {
    const answers = new Map<string, readonly FoundPassage[]>();
    const unknown: string[] = [];
    for (const query of new Set(queries)) {
      const known = this.#known.get(`${k} ${query}`);
      if (known) answers.set(query, known);
      else unknown.push(query);
    }
    if (unknown.length > 0) {
      const found = await this.#inner.search(unknown, k);
      unknown.forEach((query, i) => {
        answers.set(query, found[i]!);
        this.#known.set(`${k} ${query}`, found[i]!);
      });
    }
    return queries.map((query) => answers.get(query)!);
  }
}
