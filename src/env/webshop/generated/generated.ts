/**
 * The embedded default: a shop of invented products in the official files' form, by seed, with the statistics of
 * the published 1,000 (test/env/webshop/generated-statistics.test.ts compares). Each product is drawn by itself,
 * so a catalogue of any size begins with the products of a smaller one. Unlike in the published set, where 13 of
 * 1,000 products have an instruction that somebody wrote, every second target has one in people's manner, in
 * large catalogues fewer.
 */

import { pickWeighted } from "../../../core/draws.ts";
import { UserError } from "../../../core/errors.ts";
import { randomFrom, seedFor } from "../../../core/random.ts";
import { asinOfNumber, MOST_PRODUCTS } from "./asins.ts";
import { happens, pick } from "./chance.ts";
import { type Choice, drawChoices } from "./choices.ts";
import { drawSpoken, instructionFor } from "./instructions.ts";
import { type Lexicon, lexicon, type Shelf } from "./lexicon.ts";
import { drawPricing } from "./prices.ts";
import { drawBullets, drawDescription } from "./prose.ts";
import type { AttributeRecord, HumanRecord, ItemRecord, ProductRecords } from "./records.ts";
import { type Draft, drawTitle } from "./titles.ts";
import { drawKinds, drawTraits } from "./traits.ts";

export interface GeneratedOptions {
  /** 1 to 3,000,000. */
  readonly products: number;
  readonly seed: number;
}

export interface GeneratedCatalogue {
  readonly items: readonly ItemRecord[];
  /** By asin. */
  readonly attributes: Readonly<Record<string, AttributeRecord>>;
  /** By asin; only products that have some. */
  readonly human: Readonly<Record<string, readonly HumanRecord[]>>;
}

export const DEFAULT_CATALOGUE: GeneratedOptions = { products: 2000, seed: 0 };

/** How many of a thousand products each department has. */
const DEPARTMENTS = { beauty: 238, electronics: 229, garden: 216, fashion: 200, grocery: 117 };
const DEPARTMENT_NAMES = Object.keys(DEPARTMENTS);
const DEPARTMENT_WEIGHTS = Object.values(DEPARTMENTS);
/** The first shelves of a department have more products than the last ones; 1 would be all the same. */
const POPULARITY = 1.3;
/** Products that the site has under another shelf's query of the department, as searches do find them. */
const ASTRAY = 0.15;
const WITHOUT_PATH = 0.02;
const FEWEST_FOR_INSTRUCTION = 2;
/** Targets with an instruction in people's manner, and about how many a catalogue has at most. */
const SPOKEN = 0.5;
const MOST_SPOKEN = 12_000;
/** Products with an instruction of any kind. */
const TARGETS = 0.415;
const LAST_PAGE = 400;

/** @throws UserError for a number of products that is not allowed */
export function generateCatalogue(given: Partial<GeneratedOptions> = {}): GeneratedCatalogue {
  const items: ItemRecord[] = [];
  const attributes: Record<string, AttributeRecord> = {};
  const human: Record<string, readonly HumanRecord[]> = {};
  for (const product of generateProducts(given)) {
    const { asin } = product.item;
    items.push(product.item);
    attributes[asin] = product.attributes;
    if (product.human.length > 0) human[asin] = product.human;
  }
  return { items, attributes, human };
}

/**
 * The same one after another, none of them kept.
 * @throws UserError for a number of products that is not allowed
 */
export function* generateProducts(
  given: Partial<GeneratedOptions> = {},
): Generator<ProductRecords> {
  const { products, seed } = { ...DEFAULT_CATALOGUE, ...given };
  if (!(Number.isInteger(products) && products >= 1 && products <= MOST_PRODUCTS)) {
    throw new UserError(`generated products: found ${products}, allowed: 1 to ${MOST_PRODUCTS}`);
  }
  const spoken = Math.min(SPOKEN, MOST_SPOKEN / (TARGETS * products));
  const words = lexicon();
  for (let number = 0; number < products; number++) {
    yield drawProduct(words, number, seed, spoken);
  }
}

/** @param spoken the share of targets that have an instruction in people's manner */
function drawProduct(words: Lexicon, number: number, seed: number, spoken: number): ProductRecords {
  const random = randomFrom(seedFor(seed, "webshop-product", number));
  const department = DEPARTMENT_NAMES[pickWeighted(random, DEPARTMENT_WEIGHTS)] as string;
  const shelves = words.departments.get(department) as readonly Shelf[];
  const shelf = shelves[Math.floor(shelves.length * random.uniform() ** POPULARITY)] as Shelf;
  const { query } = happens(random, ASTRAY) ? pick(random, shelves) : shelf;
  const product: Draft = {
    shelf,
    brand: pick(random, words.brands),
    noun: pick(random, shelf.nouns),
    traits: drawTraits(random, shelf),
    choices: drawChoices(random, words, shelf),
  };
  const { traits, choices } = product;
  const asin = asinOfNumber(number, seed);
  const item: ItemRecord = {
    name: drawTitle(random, product),
    full_description: drawDescription(random, product),
    pricing: drawPricing(random, shelf),
    images: [],
    product_category: happens(random, WITHOUT_PATH) ? "" : shelf.path.join(" › "),
    average_rating: "",
    small_description: drawBullets(random, product),
    customization_options: optionsOf(choices),
    asin,
    category: shelf.department,
    query,
    page: 1 + random.integer(LAST_PAGE),
  };
  const own = traits.map(({ attribute }) => attribute.name);
  const all = random.shuffle([...new Set([...drawKinds(random, shelf), ...own])]);
  const isTarget = traits.length >= FEWEST_FOR_INSTRUCTION;
  const attributes = { attributes: all, ...(isTarget && instructionFor(traits, query)) };
  const isSpoken = happens(random, spoken) && isTarget;
  const options = choices.flatMap(({ name, values = [] }) =>
    values.map((value) => `${name}: ${value}`.toLowerCase()),
  );
  const human = isSpoken
    ? [{ asin, ...drawSpoken(random, product), attributes: all, options }]
    : [];
  return { item, attributes, human };
}

function optionsOf(choices: readonly Choice[]): ItemRecord["customization_options"] {
  if (choices.length === 0) return "";
  return Object.fromEntries(
    choices.map(({ name, values }) => [name, values?.map((value) => ({ value })) ?? null]),
  );
}
