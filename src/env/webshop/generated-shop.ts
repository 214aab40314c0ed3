/** The embedded default: a shop of invented products, stocked and drawn by the rules that real files go through. */
import { invariant } from "../../core/errors.ts";
import { type Annotations, annotate, humanInstructions } from "./annotations.ts";
import { drawGoals, drawHumanGoals, drawPrices } from "./draws.ts";
import {
  DEFAULT_CATALOGUE,
  type GeneratedOptions,
  generateProducts,
} from "./generated/generated.ts";
import type { HumanInstruction } from "./goal.ts";
import type { GoalKind, ShopOptions } from "./load.ts";
import { buildProductIndex, ProductSearch } from "./product-search.ts";
import type { Shop } from "./shop.ts";
import { takeStock } from "./stock.ts";

const NAME = "the generated catalogue";
const DEFAULTS = { goals: "synthetic" as GoalKind, seed: 233 };

export function generatedShop(
  { goals: kind, seed }: Pick<ShopOptions, "goals" | "seed"> = DEFAULTS,
  options: GeneratedOptions = DEFAULT_CATALOGUE,
): Shop {
  const annotations: Annotations = { attributes: new Map(), instructions: new Map() };
  const written = new Map<string, readonly HumanInstruction[]>();
  const catalogue = takeStock(
    entries(options, annotations, written),
    annotations.attributes,
    NAME,
    (line) => invariant(false, line),
  );
  const prices = drawPrices(catalogue, seed);
  const draws = { catalogue, prices, seed };
  const goals =
    kind === "human" ? drawHumanGoals(draws, written) : drawGoals(draws, annotations.instructions);
  let search: ProductSearch | undefined;
  return {
    ...{ catalogue, prices, goals },
    // Whoever only lists the tasks need not wait for an index.
    get search() {
      search ??= new ProductSearch(catalogue, buildProductIndex(catalogue));
      return search;
    },
  };
}

/** The entries one by one; what belongs to one is noted down before it is passed on. */
function* entries(
  options: GeneratedOptions,
  annotations: Annotations,
  written: Map<string, readonly HumanInstruction[]>,
) {
  for (const { item, attributes, human } of generateProducts(options)) {
    const where = `${NAME}: product ${item.asin}`;
    annotate(annotations, item.asin, attributes, where);
    if (human.length > 0) written.set(item.asin, humanInstructions(human, where));
    yield { value: item, where };
  }
}
