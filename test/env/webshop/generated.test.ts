import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { readHumanInstructions } from "../../../src/env/webshop/annotations.ts";
import { asinOfNumber, MOST_PRODUCTS } from "../../../src/env/webshop/generated/asins.ts";
import {
  DEFAULT_CATALOGUE,
  generateCatalogue,
  generateProducts,
} from "../../../src/env/webshop/generated/generated.ts";
import { lexicon } from "../../../src/env/webshop/generated/lexicon.ts";
import { writeOfficialFiles } from "../../../src/env/webshop/generated/official-files.ts";
import { generatedShop } from "../../../src/env/webshop/generated-shop.ts";
import { loadShop } from "../../../src/env/webshop/load.ts";
import { rewardOf } from "../../../src/env/webshop/reward.ts";
import type { Shop } from "../../../src/env/webshop/shop.ts";
import { splitOfProduct } from "../../../src/env/webshop/tasks.ts";
import { WebShop } from "../../../src/env/webshop/world.ts";
import { TemporaryDirectory } from "../../support/temporary.ts";
import { SEED } from "./data.ts";

const catalogue = generateCatalogue();
const shelves = [...lexicon().departments.values()].flat();

describe("a generated catalogue", () => {
  test("has the same bytes for the same seed, others for another", () => {
    const text = (seed: number) => JSON.stringify(generateCatalogue({ products: 300, seed }));
    expect(text(7)).toBe(text(7));
    expect(text(8)).not.toBe(text(7));
  });

  test("begins with the products of a smaller one", () => {
    const { items } = generateCatalogue({ products: 50 });
    expect(catalogue.items.slice(0, 50)).toEqual([...items]);
  });

  test("is what its products are one after another", () => {
    const all = [...generateProducts()];
    expect(all.map(({ item }) => item)).toEqual([...catalogue.items]);
    expect(all.filter(({ human }) => human.length > 0)).toHaveLength(
      Object.keys(catalogue.human).length,
    );
  });

  test.each([0, -1, 1.5, MOST_PRODUCTS + 1, Number.NaN])("%p products are refused", (products) => {
    expect(() => generateCatalogue({ products })).toThrow("allowed: 1 to 3000000");
  });

  test("has thousands of asins, all different, with a digit and a letter in turn", () => {
    const asins = catalogue.items.map(({ asin }) => asin);
    expect(new Set(asins).size).toBe(DEFAULT_CATALOGUE.products);
    for (const asin of asins) expect(asin).toMatch(/^B0(?:[0-9][A-Z]){4}$/);
  });

  test("has no asin twice, however large it is", () => {
    const known = new Set<string>();
    for (let number = 0; number < MOST_PRODUCTS; number += 7) known.add(asinOfNumber(number, 3));
    expect(known.size).toBe(Math.ceil(MOST_PRODUCTS / 7));
  });
});

describe("generated texts", () => {
  const texts = catalogue.items.flatMap(({ name, full_description, small_description }) => [
    name,
    full_description,
    ...small_description,
  ]);

  test("have no place left open and no word missing", () => {
    const offenders = texts.filter((text) => /NOUN|BRAND|USE\b|undefined| {2}|^ | $/.test(text));
    expect(offenders).toEqual([]);
  });

  test("are written as sentences", () => {
    const sentences = texts.slice(0, 500).flatMap((text) => text.split(/(?<=\.) /));
    expect(sentences.filter((one) => !/^\[?[A-Z]|^$/.test(one))).toEqual([]);
  });

  test("name the product", () => {
    const nouns = shelves.flatMap((shelf) => shelf.nouns);
    const unnamed = catalogue.items.filter(
      ({ name }) => !nouns.some((noun) => name.toLowerCase().includes(noun)),
    );
    expect(unnamed).toEqual([]);
  });
});

describe("an instruction", () => {
  const targets = Object.entries(catalogue.attributes).filter(
    ([, { instruction }]) => instruction !== undefined,
  );

  test("asks for attributes that the product has, in the order of the sentence", () => {
    for (const [, { attributes, instruction = "", instruction_attributes = [] }] of targets) {
      expect(instruction_attributes.filter((one) => !attributes.includes(one))).toEqual([]);
      expect(instruction_attributes.length).toBeGreaterThan(1);
      const places = instruction_attributes.map((one) => instruction.indexOf(one));
      expect(places.every((place) => place > 0)).toBe(true);
    }
  });

  test("names what the site has the product under", () => {
    const queries = new Map(catalogue.items.map(({ asin, query }) => [asin, query]));
    for (const [asin, { instruction }] of targets) {
      expect(instruction).toStartWith("Find me ");
      expect(instruction).toContain(queries.get(asin)!);
    }
  });

  test("in people's manner is in lower case and asks for what there is", () => {
    const items = new Map(catalogue.items.map((item) => [item.asin, item]));
    const all = Object.values(catalogue.human).flat();
    expect(all.length).toBeGreaterThan(0.4 * targets.length);
    for (const one of all) {
      const values = Object.values(items.get(one.asin)!.customization_options)
        .flatMap((list) => list ?? [])
        .map(({ value }) => value.toLowerCase());
      expect(one.instruction_options.filter((value) => !values.includes(value))).toEqual([]);
      expect(one.instruction_attributes.filter((it) => !one.attributes.includes(it))).toEqual([]);
      expect(one.instruction_attributes.length).toBeGreaterThan(0);
      expect(one.instruction).toBe(one.instruction.toLowerCase());
      for (const value of one.instruction_options) expect(one.instruction).toContain(value);
    }
  });

  test("in people's manner is there for about twelve thousand of a million products at most", () => {
    let count = 0;
    let products = 0;
    // Drawn like the first of a million, without drawing them all.
    for (const { human } of generateProducts({ products: 1_000_000 })) {
      count += human.length;
      if (++products === 20_000) break;
    }
    expect(count / products).toBeGreaterThan(0.009);
    expect(count / products).toBeLessThan(0.015);
  });
});

describe("as a shop", () => {
  const synthetic = generatedShop();
  const human = generatedShop({ goals: "human", seed: SEED });

  test("the official files give the same shop", () => {
    using folder = new TemporaryDirectory();
    writeOfficialFiles(folder.path, {});
    const notes: string[] = [];
    const read = loadShop(folder.path, { goals: "synthetic", seed: SEED }, (line) =>
      notes.push(line),
    );
    expect(notes).toEqual([]);
    expect(read.goals).toEqual(synthetic.goals);
    expect([...productsOf(read)]).toEqual([...productsOf(synthetic)]);
    const path = join(folder.path, "items_human_ins.json");
    expect([...readHumanInstructions(path).keys()]).toEqual(Object.keys(catalogue.human));
    const world = new WebShop({ data: folder.path, option: { goals: "human" } });
    expect(world.splits.all).toHaveLength(human.goals.length);
  });

  test.each([
    ["synthetic", synthetic],
    ["human", human],
  ] as const)("most %s goals can be reached by buying the target", (_, shop) => {
    const reached = shop.goals.filter((goal) => {
      const product = shop.catalogue.product(goal.target);
      const values = goal.options.map((one) => (typeof one === "string" ? one : one[1]));
      const purchase = { product, price: shop.prices[goal.target]!, values };
      return rewardOf(purchase, goal, product, "pairs").score === 1;
    });
    expect(reached.length / shop.goals.length).toBeGreaterThan(0.9);
  });

  test("splits share no product, and each has goals of all departments", () => {
    const departments = new Map<string, Set<string>>();
    for (const { target } of synthetic.goals) {
      const { asin, category } = synthetic.catalogue.product(target);
      const split = splitOfProduct(asin);
      departments.set(split, (departments.get(split) ?? new Set()).add(category));
    }
    expect([...departments.values()].map(({ size }) => size)).toEqual([5, 5, 5]);
  });
});

describe("the word lists", () => {
  test("every shelf has names, options and enough to be asked for", () => {
    for (const { query, nouns, options, attributes, path, price } of shelves) {
      expect([query, nouns.length >= 3, options.length >= 2]).toEqual([query, true, true]);
      expect([query, attributes.length >= 10]).toEqual([query, true]);
      expect([query, path.length, price > 0]).toEqual([query, 3, true]);
    }
  });

  test("attributes have two words, and their other words do not contain them", () => {
    for (const { name, phrase } of shelves.flatMap(({ attributes }) => attributes)) {
      expect(name).toMatch(/^[a-z]+ [a-z]+$/);
      expect([name, phrase.includes(name)]).toEqual([name, false]);
    }
  });

  test("nothing is listed twice", () => {
    const queries = shelves.map(({ query }) => query);
    expect(new Set(queries).size).toBe(queries.length);
    for (const { nouns, attributes, options, sentences } of shelves) {
      const names = attributes.map(({ name }) => name);
      const optionNames = options.map(({ name }) => name);
      const values = options.map((set) => set.values);
      for (const list of [nouns, names, sentences, optionNames, ...values]) {
        expect([...new Set<string>(list)]).toEqual([...list]);
      }
    }
  });
});

function* productsOf({ catalogue }: Shop) {
  for (let number = 0; number < catalogue.size; number++) yield catalogue.product(number);
}
