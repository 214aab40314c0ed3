import { describe, expect, test } from "bun:test";
import { drawPrices } from "../../../src/env/webshop/draws.ts";
import { cleanProduct, indexedText, priceTag } from "../../../src/env/webshop/product.ts";
import { RecordStore } from "../../../src/env/webshop/record-store.ts";
import { takeStock } from "../../../src/env/webshop/stock.ts";
import { DATA, HAS_DATA, readShared, realShop } from "./data.ts";
import { choices, entry } from "./little-shop.ts";

const clean = (fields: Readonly<Record<string, unknown>>) =>
  cleanProduct(entry("B1", "A thing", fields), [], "here");

describe("an entry", () => {
  test.each([
    ["$19.99", [19.99], "$19.99"],
    ["$100", [100], "$100.0"],
    ["$19.99 - $27.99", [19.99, 27.99], "$19.99 to $27.99"],
    ["$27.99 $19.99 $5.00", [27.99, 19.99], "$27.99 to $19.99"],
    ["$1,234.50", [1234.5], "$1234.5"],
    ["from 12 dollars", [100], "$100.0"],
    ["", [100], "$100.0"],
    [null, [100], "$100.0"],
  ])("with the price %p costs %p and shows %p", (pricing, prices, shown) => {
    const product = clean({ pricing });
    expect(product.prices).toEqual(prices);
    expect(priceTag(product)).toBe(shown);
  });

  test("has option names in lower case, values trimmed, with bars for slashes, in the file's order", () => {
    const product = clean({
      customization_options: choices({ Size: [" L/XL ", "S"], COLOR: ["Red"] }),
    });
    expect(product.options).toEqual([
      ["size", ["l | xl", "s"]],
      ["color", ["red"]],
    ]);
  });

  test("skips a list of values that is null, and takes the last of two names that differ in case", () => {
    const options = { ...(choices({ Size: ["S"], size: ["L"] }) as object), color: null };
    expect(clean({ customization_options: options }).options).toEqual([["size", ["l"]]]);
  });

  test("makes a list of a lone bullet point", () => {
    expect(clean({ small_description: "one" }).bullets).toEqual(["one"]);
  });

  test("is indexed by title, description, first bullet point and options, in lower case", () => {
    const product = clean({
      full_description: "Some WORDS",
      small_description: ["First", "Second"],
      customization_options: choices({ Color: ["Red", "Blue"], Size: ["S"] }),
    });
    expect(indexedText(product)).toBe("a thing some words first color: red, blue, and size: s");
  });

  test("has its query trimmed in lower case", () => {
    expect(clean({ query: " Office CHAIRS\n" }).query).toBe("office chairs");
  });
});

test("asins that are nan, too long or seen before are skipped", () => {
  const entries = ["B1", "nan", "ABCDEFGHIJK", "B1", "B2"].map((asin) => ({
    value: entry(asin, "A thing"),
    where: "here",
  }));
  const notes: string[] = [];
  const catalogue = takeStock(entries, new Map([["B2", ["soft"]]]), "shop.json", (line) =>
    notes.push(line),
  );
  expect(catalogue.asins).toEqual(["B1", "B2"]);
  expect(notes).toEqual(["webshop: shop.json: an asin again, skipped: B1"]);
  expect([0, 1].map((number) => catalogue.product(number).attributes)).toEqual([
    ["DUMMY_ATTR"],
    ["soft"],
  ]);
});

test("a record comes back as it went in, wherever slabs begin", () => {
  const store = new RecordStore<{ text: string }>();
  const items = ["", "é😀", "x".repeat(700_000), "y".repeat(3_000_000), "end"];
  for (const text of items) store.add({ text });
  expect(items.map((_, i) => store.get(i).text)).toEqual(items);
});

describe.skipIf(!HAS_DATA)(`the real catalogue (${DATA})`, () => {
  test("1,000 products, three with a second price below the first, 577 that offer no option", () => {
    const { catalogue } = realShop();
    const products = Array.from({ length: catalogue.size }, (_, number) =>
      catalogue.product(number),
    );
    expect(products).toHaveLength(1000);
    const ranges = products.filter(({ prices }) => prices.length === 2);
    expect(ranges).toHaveLength(93);
    expect(ranges.filter(({ prices: [a, b] }) => b! < a!)).toHaveLength(3);
    expect(products.filter(({ options }) => options.length === 0)).toHaveLength(577);
    expect(products.filter(({ title }) => title === "")).toHaveLength(1);
    expect(products.filter(({ bullets }) => bullets.includes(""))).toHaveLength(69);
    expect(new Set(products.map(({ query }) => query)).size).toBe(246);
  });

  test("the charged prices of seed 233 are the recorded ones", () => {
    const { catalogue } = realShop();
    const recorded = readShared<Record<string, number>>("product_prices_1000_seed233.json");
    const drawn = drawPrices(catalogue, 233);
    expect(Object.fromEntries(catalogue.asins.map((asin, i) => [asin, drawn[i]]))).toEqual(
      recorded as Record<string, number | undefined>,
    );
  });
});
