/** Our own search as a retriever: an index, and the texts of its documents. */

import { IndexBuilder, type IndexProgress } from "./build-index.ts";
import { MemoryStore } from "./memory-store.ts";
import type { PassageStore } from "./passage-store.ts";
import type { FoundPassage, Passage, Retriever } from "./retriever.ts";
import type { IndexOptions, SearchIndex } from "./search-index.ts";

export class Bm25Retriever implements Retriever {
  readonly index: SearchIndex;
  readonly passages: PassageStore;

  constructor(index: SearchIndex, passages: PassageStore) {
    this.index = index;
    this.passages = passages;
  }

  /** An index in memory. */
  static of(passages: readonly Passage[], options: Partial<IndexOptions> = {}): Bm25Retriever {
    const builder = new IndexBuilder(options);
    for (const { contents } of passages) builder.add(contents);
    return new Bm25Retriever(builder.finish(), new MemoryStore(passages));
  }

  /** The same from passages that come one by one. */
  static async from(
    passages: AsyncIterable<Passage>,
    options: Partial<IndexOptions> = {},
    onProgress: IndexProgress = () => {},
  ): Promise<Bm25Retriever> {
    const builder = new IndexBuilder(options);
    const kept = new MemoryStore();
    for await (const passage of passages) {
      builder.add(passage.contents);
      kept.add(passage);
      onProgress(builder.documentCount);
    }
    return new Bm25Retriever(builder.finish(), kept);
  }

  async search(queries: readonly string[], k: number): Promise<FoundPassage[][]> {
    return queries.map((query) =>
      this.index
        .search(query, k)
        .map(({ document, score }) => ({ ...this.passages.read(document), score })),
    );
  }
}
