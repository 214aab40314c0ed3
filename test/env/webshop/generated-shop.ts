import { drawGoals, drawHumanGoals, drawPrices } from "../../../src/env/webshop/draws.ts";
import type { GeneratedOptions } from "../../../src/env/webshop/generated/generated.ts";
import { generateCatalogue } from "../../../src/env/webshop/generated/generated.ts";
import type { Instruction } from "../../../src/env/webshop/goal.ts";
import { buildProductIndex, ProductSearch } from "../../../src/env/webshop/product-search.ts";
import type { Shop } from "../../../src/env/webshop/shop.ts";
import { takeStock } from "../../../src/env/webshop/stock.ts";
import { SEED } from "./data.ts";

/** A generated catalogue with what the loader draws for a real one. */
export function generatedShop(
  options: Partial<GeneratedOptions> = {},
  kind: "synthetic" | "human" = "synthetic",
): Shop {
  const { items, attributes, human } = generateCatalogue(options);
  const instructions = new Map<string, Instruction>();
  for (const [asin, entry] of Object.entries(attributes)) {
    const { instruction: text, instruction_attributes: asked } = entry;
    if (text !== undefined && asked !== undefined)
      instructions.set(asin, { text, attributes: asked });
  }
  const written = Object.entries(human).map(([asin, list]) => {
    const goals = list.map((one) => ({
      text: one.instruction,
      attributes: one.instruction_attributes,
      options: one.instruction_options,
    }));
    return [asin, goals] as const;
  });
  const catalogue = takeStock(
    items.map((value, i) => ({ value, where: `product ${i}` })),
    new Map(Object.entries(attributes).map(([asin, entry]) => [asin, entry.attributes])),
    "generated",
    (line) => {
      throw new Error(line);
    },
  );
  const prices = drawPrices(catalogue, SEED);
  const draws = { catalogue, prices, seed: SEED };
  const goals =
    kind === "human" ? drawHumanGoals(draws, new Map(written)) : drawGoals(draws, instructions);
  return {
    catalogue,
    prices,
    goals,
    search: new ProductSearch(catalogue, buildProductIndex(catalogue)),
  };
}
