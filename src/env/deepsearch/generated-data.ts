import { Bm25Retriever } from "../../retrieval/bm25-retriever.ts";
import { titleAndText } from "../../retrieval/retriever.ts";
import type { Data } from "./data.ts";
import { generateWorld } from "./generated/generated.ts";
import type { DeepSearchOptions } from "./options.ts";

/** The generated world that the options describe. */
export function generatedData(options: DeepSearchOptions): Data {
  const { passages, ...rest } = generateWorld({
    seed: options.worldSeed,
    duplicates: options.duplicates === "yes",
    things: options.worldThings,
    shortNames: options.worldNames === "short",
  });
  const { k1, b } = options;
  const titles = new Map(passages.map(({ id, contents }) => [id, titleAndText(contents).title]));
  const own = new Map(passages.map((passage) => [passage.id, passage]));
  let built: Bm25Retriever | undefined;
  return {
    ...{ ...rest, own },
    titleOf: (passage) => titles.get(passage),
    retriever: {
      // Whoever only lists the tasks need not wait for an index.
      search(queries, k) {
        built ??= Bm25Retriever.of(passages, { k1, b });
        return built.search(queries, k);
      },
    },
  };
}
