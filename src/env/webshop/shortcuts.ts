/** First words of a query with which the original's searches go round the index. */
import { randomFrom, seedFor } from "../../core/random.ts";
import type { Shop } from "./shop.ts";

const RANDOM_RESULTS = 50;

/**
 * `<r>` draws products, `<c> word` and `<q> words…` list those whose category or query that is. `<a>` and a
 * bare `<c>` stop the original: undefined.
 * @param draws names the draw: the same products for the same number and name
 */
export function findWithShortcuts(
  { catalogue, search }: Shop,
  query: string,
  draws: { readonly seed: number; readonly task: string },
): readonly number[] | undefined {
  const [first, second, ...more] = query.split(" ");
  switch (first) {
    case "<r>": {
      const numbers = Array.from(catalogue.asins, (_, number) => number);
      const seed = seedFor(draws.seed, "webshop-random", draws.task);
      return randomFrom(seed).sample(numbers, RANDOM_RESULTS);
    }
    case "<a>":
      return undefined;
    case "<c>":
      return second === undefined ? undefined : catalogue.listed("category", second.trim());
    case "<q>":
      return catalogue.listed("query", [second ?? "", ...more].join(" ").trim());
    default:
      return search.find(query);
  }
}
