import { describe, expect, test } from "bun:test";
import { generatedShop } from "../../../src/env/webshop/generated-shop.ts";
import type { Product } from "../../../src/env/webshop/product.ts";
import type { Shop } from "../../../src/env/webshop/shop.ts";
import { statisticsOf } from "./catalogue-statistics.ts";
import { HAS_DATA, realShop } from "./data.ts";

/** Quantities: how many times more or less than in the published set. */
const FACTORS: Readonly<Record<string, number>> = {
  ...{ "title words, mean": 1.1, "description words, mean": 1.3, "bullets, mean": 1.1 },
  ...{ "bullet words, mean": 1.1, "terms, mean": 1.2, "terms, median": 1.2, "terms, tenth": 1.3 },
  ...{ "terms, ninth tenth": 1.25, "values, median": 1.25, "values, mean": 1.2 },
  ...{ "values, ninth tenth": 1.25, "attributes, mean": 1.2, "attributes asked for, mean": 1.1 },
  ...{ "price, tenth": 1.3, "price, median": 1.3, "price, ninth tenth": 1.3 },
  ...{
    queries: 1.5,
    "distinct attributes": 1.5,
    "largest query": 1.3,
    "goals per target, mean": 1.6,
  },
  ...{ "goals per target, median": 1.5, "goals per target, ninth tenth": 1.4 },
  ...{ "goals out of reach": 1.6, "targets out of reach": 1.6, "goals without options": 2 },
};
/** Shares: by how much they may differ. */
const DIFFERENCES: Readonly<Record<string, number>> = {
  ...{ "no description": 0.03, "no option": 0.06, "one option": 0.06, "two options": 0.04 },
  ...{ "no attribute": 0.03, "price range": 0.02, "price 100": 0.02, targets: 0.03 },
  ...{ beauty: 0.02, electronics: 0.02, garden: 0.02, fashion: 0.02, grocery: 0.02 },
  ...{ "target first": 0.12, "target on the first page": 0.06, "target found": 0.03 },
  ...{ "attribute in title": 0.04, "attribute in bullets": 0.05, "attribute nowhere": 0.05 },
  ...{ "attribute in description": 0.04, "attribute in the index": 0.04 },
};
/** More words in a row are a quotation. */
const QUOTATION = 6;

describe.skipIf(!HAS_DATA)("the generated catalogue is like the published one", () => {
  const [real, generated] = HAS_DATA
    ? [statisticsOf(realShop()), statisticsOf(generatedShop())]
    : [{}, {}];

  test.each(Object.entries(FACTORS))("%s: at most %f times more or less", (name, factor) => {
    const ratio = generated[name]! / real[name]!;
    expect(ratio).toBeLessThan(factor);
    expect(ratio).toBeGreaterThan(1 / factor);
  });

  test.each(Object.entries(DIFFERENCES))("%s: at most %f more or less", (name, most) => {
    expect(Math.abs(generated[name]! - real[name]!)).toBeLessThan(most);
  });

  test("every figure has a bound", () => {
    expect(Object.keys({ ...FACTORS, ...DIFFERENCES }).sort()).toEqual(Object.keys(real).sort());
  });
});

describe.skipIf(!HAS_DATA)("the generated texts are ours", () => {
  test(`no sentence of theirs: never ${QUOTATION} of its words in a row`, () => {
    const known = new Set(textsOf(realShop()).flatMap(quotations));
    const shared = textsOf(generatedShop())
      .flatMap(quotations)
      .filter((one) => known.has(one));
    expect([...new Set(shared)]).toEqual([]);
  });

  test("no title of theirs", () => {
    const titles = (shop: Shop) => productsOf(shop).map(({ title }) => title.toLowerCase());
    const known = new Set(titles(realShop()));
    expect(titles(generatedShop()).filter((title) => known.has(title))).toEqual([]);
  });
});

function productsOf({ catalogue }: Shop): readonly Product[] {
  return Array.from(catalogue.asins, (_, number) => catalogue.product(number));
}

function textsOf(shop: Shop): string[] {
  return productsOf(shop).flatMap(({ title, description, bullets }) => [
    title,
    description,
    ...bullets,
  ]);
}

function quotations(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z0-9']+/g) ?? [];
  return words.slice(QUOTATION - 1).map((_, i) => words.slice(i, i + QUOTATION).join(" "));
}
