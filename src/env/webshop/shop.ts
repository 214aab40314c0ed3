/** What all sessions share: the catalogue, its search, the charged prices and the goals. */
import type { Catalogue } from "./catalogue.ts";
import type { Goal } from "./goal.ts";
import type { ProductSearch } from "./product-search.ts";

export interface Shop {
  readonly catalogue: Catalogue;
  readonly search: ProductSearch;
  /** Charged price by product. */
  readonly prices: readonly number[];
  readonly goals: readonly Goal[];
}
