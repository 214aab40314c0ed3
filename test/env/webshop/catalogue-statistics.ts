/** What a catalogue and its goals are like, in figures. */
import { pairsOf } from "../../../src/env/webshop/goal.ts";
import { indexedText } from "../../../src/env/webshop/product.ts";
import { rewardOf } from "../../../src/env/webshop/reward.ts";
import type { Shop } from "../../../src/env/webshop/shop.ts";
import { analyze } from "../../../src/retrieval/analyzer.ts";

const PAGE = 10;

export function statisticsOf(shop: Shop): Readonly<Record<string, number>> {
  const { catalogue, goals } = shop;
  const products = Array.from(catalogue.asins, (_, number) => catalogue.product(number));
  const share = (count: number) => count / products.length;
  const having = (is: (product: (typeof products)[number]) => boolean) =>
    share(products.filter(is).length);
  const terms = products.map((one) => analyze(indexedText(one), { analyzer: "lucene" }).length);
  const lists = products.flatMap(({ options }) => options.map(([, values]) => values.length));
  const attributes = products.map((one) =>
    one.attributes[0] === "DUMMY_ATTR" ? [] : one.attributes,
  );
  const bullets = products.map((one) => one.bullets);
  const perTarget = new Map<number, number>();
  for (const { target } of goals) perTarget.set(target, (perTarget.get(target) ?? 0) + 1);
  const firsts = [...perTarget.keys()].map(
    (target) => goals.find((goal) => goal.target === target)!,
  );
  const ranks = firsts.map((goal) => rankOf(shop, goal));
  const among = (most: number) => ranks.filter((rank) => rank <= most).length / ranks.length;
  const lost = goals.filter((goal) => !canScore(shop, goal));
  const asked = firsts.map((goal) => goal.attributes.length);
  const claims = firsts.flatMap(({ target, attributes }) =>
    attributes.map((one) => placesOf(catalogue.product(target), one)),
  );
  const claimed = (is: (places: ReturnType<typeof placesOf>) => boolean) =>
    claims.filter(is).length / claims.length;
  const queries = new Map<string, number>();
  for (const { query } of products) queries.set(query, (queries.get(query) ?? 0) + 1);
  const prices = products.map((one) => one.prices[0]!);
  return {
    "title words, mean": mean(products.map((one) => one.title.split(/\s+/).length)),
    "description words, mean": mean(products.map((one) => words(one.description))),
    "bullets, mean": mean(bullets.map((list) => list.length)),
    "bullet words, mean": mean(bullets.flat().map(words)),
    "terms, mean": mean(terms),
    "terms, median": quantile(terms, 0.5),
    "terms, tenth": quantile(terms, 0.1),
    "terms, ninth tenth": quantile(terms, 0.9),
    "no description": having((one) => one.description === ""),
    "no option": having((one) => one.options.length === 0),
    "one option": having((one) => one.options.length === 1),
    "two options": having((one) => one.options.length === 2),
    "values, median": quantile(lists, 0.5),
    "values, mean": mean(lists),
    "values, ninth tenth": quantile(lists, 0.9),
    "no attribute": share(attributes.filter((list) => list.length === 0).length),
    "attributes, mean": mean(attributes.map((list) => list.length)),
    "distinct attributes": new Set(attributes.flat()).size,
    "price, tenth": quantile(prices, 0.1),
    "price, median": quantile(prices, 0.5),
    "price, ninth tenth": quantile(prices, 0.9),
    "price range": having((one) => one.prices.length > 1),
    "price 100": having((one) => one.prices.length === 1 && one.prices[0] === 100),
    beauty: having((one) => one.category === "beauty"),
    electronics: having((one) => one.category === "electronics"),
    garden: having((one) => one.category === "garden"),
    fashion: having((one) => one.category === "fashion"),
    grocery: having((one) => one.category === "grocery"),
    queries: queries.size,
    "largest query": Math.max(...queries.values()) / mean([...queries.values()]),
    targets: share(perTarget.size),
    "attributes asked for, mean": mean(asked),
    "goals per target, mean": goals.length / perTarget.size,
    "goals per target, median": quantile([...perTarget.values()], 0.5),
    "goals per target, ninth tenth": quantile([...perTarget.values()], 0.9),
    "target first": among(1),
    "target on the first page": among(PAGE),
    "target found": among(5 * PAGE),
    "attribute in title": claimed(({ title }) => title),
    "attribute in bullets": claimed(({ bullets }) => bullets),
    "attribute in description": claimed(({ description }) => description),
    "attribute nowhere": claimed((one) => !(one.title || one.bullets || one.description)),
    "attribute in the index": claimed(({ index }) => index),
    "goals out of reach": lost.length / goals.length,
    "targets out of reach": new Set(lost.map(({ target }) => target)).size / perTarget.size,
    "goals without options":
      goals.filter(({ options }) => options.length === 0).length / goals.length,
  };
}

type Goal = Shop["goals"][number];
type Product = ReturnType<Shop["catalogue"]["product"]>;

/** The target's place among the results for the instruction's words; infinite where it is not found. */
function rankOf({ search }: Shop, { text, target, options }: Goal): number {
  let told = text.replace(/^find me /i, "").replace(/, and price lower than .*$/s, "");
  for (const [name, value] of pairsOf(options)) told = told.replace(`${name}: ${value}`, value);
  const at = search.find(told).indexOf(target);
  return at < 0 ? Number.POSITIVE_INFINITY : at + 1;
}

/** Whether the target with the very values that are asked for scores 1. */
function canScore({ catalogue, prices }: Shop, goal: Goal): boolean {
  const product = catalogue.product(goal.target);
  const values = pairsOf(goal.options).map(([, value]) => value);
  const purchase = { product, price: prices[goal.target]!, values };
  return rewardOf(purchase, goal, product, "pairs").score === 1;
}

/** Where an attribute stands literally, and whether a search for it finds the product. */
function placesOf(product: Product, attribute: string) {
  const terms = new Set(analyze(indexedText(product), { analyzer: "lucene" }));
  return {
    title: product.title.toLowerCase().includes(attribute),
    bullets: product.bullets.join(" ").toLowerCase().includes(attribute),
    description: product.description.toLowerCase().includes(attribute),
    index: analyze(attribute, { analyzer: "lucene" }).every((term) => terms.has(term)),
  };
}

function words(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}
