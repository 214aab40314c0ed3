import { Bm25Retriever } from "../../retrieval/bm25-retriever.ts";
import { titleAndText } from "../../retrieval/retriever.ts";
import { corpusOptions, type Data } from "./data.ts";
import { DEFAULT_WORLD, FEWEST_THINGS, generateWorld } from "./generated/generated.ts";
import type { Options } from "./options.ts";

/** The generated world that the options describe. */
export function generatedData(options: Options): Data {
  const { passages, ...rest } = generateWorld({
    seed: options.whole("world_seed", 0, DEFAULT_WORLD.seed),
    duplicates: options.yes("duplicates", DEFAULT_WORLD.duplicates),
    things: options.whole("world_things", FEWEST_THINGS, DEFAULT_WORLD.things),
    shortNames: options.choice("world_names", ["long", "short"]) === "short",
  });
  const { ranking } = corpusOptions(".", options);
  const titles = new Map(passages.map(({ id, contents }) => [id, titleAndText(contents).title]));
  const own = new Map(passages.map((passage) => [passage.id, passage]));
  let built: Bm25Retriever | undefined;
  return {
    ...{ ...rest, own },
    titleOf: (passage) => titles.get(passage),
    retriever: {
      // Whoever only lists the tasks need not wait for an index.
      search(queries, k) {
        built ??= Bm25Retriever.of(passages, ranking);
        return built.search(queries, k);
      },
    },
  };
}
