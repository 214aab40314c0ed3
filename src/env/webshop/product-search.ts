/** Finds products by their words, as the original's Lucene index ranks them. */
import { UserError } from "../../core/errors.ts";
import { Recent } from "../../core/recent.ts";
import { analyze } from "../../retrieval/analyzer.ts";
import { IndexBuilder } from "../../retrieval/build-index.ts";
import type { SearchIndex } from "../../retrieval/search-index.ts";
import { withBoundedGarbage } from "./bounded-garbage.ts";
import type { Catalogue } from "./catalogue.ts";
import { indexedText } from "./product.ts";

/** The most that a search finds. */
export const RESULTS = 50;
const REMEMBERED_QUERIES = 4096;
/** Longer ones are not: agents that write them write something else each time. */
const LONGEST_REMEMBERED = 500;
const HINT = "remove the file, and the index is built again";
/** Products that are looked into for the check of an index. */
const SAMPLED = 50;

/** Ascending by asin, so that equal scores are in that order. */
export function buildProductIndex(catalogue: Catalogue): SearchIndex {
  const ranking = { analyzer: "lucene", k1: 0.9, b: 0.4, scores: "lucene" } as const;
  const builder = new IndexBuilder({ ...ranking, source: catalogue.fingerprint });
  for (const number of withBoundedGarbage(catalogue.byAsin())) {
    builder.add(indexedText(catalogue.product(number)));
  }
  return builder.finish();
}

export class ProductSearch {
  readonly index: SearchIndex;
  readonly #order: Uint32Array;
  readonly #remembered = new Recent<string, readonly number[]>(REMEMBERED_QUERIES);

  /** @throws UserError for an index that is damaged, found by searching a common word, or not this catalogue's */
  constructor(catalogue: Catalogue, index: SearchIndex, name = "the index") {
    this.index = index;
    this.#order = catalogue.byAsin();
    const { documentCount, options } = index;
    if (documentCount !== catalogue.size) {
      const found = `${documentCount} products, the catalogue has ${catalogue.size}`;
      throw new UserError(`${name}: it has ${found}`, HINT);
    }
    if (options.analyzer !== "lucene" || options.scores !== "lucene") {
      throw new UserError(`${name}: it was not built for WebShop's ranking`, HINT);
    }
    const sample = sampleOf(catalogue, this.#order);
    for (const { document, asin, terms } of sample) {
      const length = index.arrays.lengths[document];
      if (length === terms.length) continue;
      const found = `${length} words for ${asin}, the catalogue has ${terms.length}`;
      throw new UserError(`${name}: it has ${found}`, HINT);
    }
    this.#checkCommonWord(catalogue, commonWord(sample), name);
    if (options.source !== catalogue.fingerprint) {
      throw new UserError(`${name}: it was made from other texts than the catalogue's`, HINT);
    }
  }

  #checkCommonWord(catalogue: Catalogue, word: string | undefined, name: string): void {
    if (word === undefined) throw new UserError("the catalogue has no word that can be searched");
    const [best] = this.find(word);
    const text = best === undefined ? "" : indexedText(catalogue.product(best));
    if (analyze(text, this.index.options).includes(word)) return;
    const found = best === undefined ? "nothing" : "a product without it";
    throw new UserError(`${name}: a search for the common word "${word}" finds ${found}`, HINT);
  }

  /** The best 50 products for a query, best first. */
  find(query: string): readonly number[] {
    const known = this.#remembered.get(query);
    if (known !== undefined) return known;
    const hits = this.index.search(query, RESULTS);
    const found = hits.map(({ document }) => this.#order[document] as number);
    if (query.length > LONGEST_REMEMBERED) return found;
    this.#remembered.set(query, found);
    return found;
  }
}

interface Sampled {
  readonly document: number;
  readonly asin: string;
  readonly terms: readonly string[];
}

/** Some products, spread over the index. */
function sampleOf(catalogue: Catalogue, order: Uint32Array): readonly Sampled[] {
  const step = Math.max(1, Math.floor(order.length / SAMPLED));
  const sample: Sampled[] = [];
  for (let document = 0; document < order.length; document += step) {
    const product = catalogue.product(order[document] as number);
    const terms = analyze(indexedText(product), { analyzer: "lucene" });
    sample.push({ document, asin: product.asin, terms });
  }
  return sample;
}

/** The term that most of some products have; one that is its own stem, so that it can be searched. */
function commonWord(sample: readonly Sampled[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { terms } of sample) {
    for (const term of new Set(terms)) counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  const isOwnStem = (term: string) => analyze(term, { analyzer: "lucene" }).join() === term;
  return [...counts].sort((a, b) => b[1] - a[1]).find(([term]) => isOwnStem(term))?.[0];
}
