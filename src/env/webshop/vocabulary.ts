/**
 * The words of the `compact` format as a tokenizer.json: those of turns and replies, and all that tasks, titles,
 * values and ids of the generated catalogue consist of.
 */
import { SPECIAL, wordLevelJson } from "../word-level-json.ts";
import { READ_WORDS, spelled, WRITTEN_WORDS } from "./format-compact.ts";
import { PRODUCTS_PER_PAGE } from "./pages.ts";
import { RESULTS } from "./product-search.ts";
import type { Shop } from "./shop.ts";
import { readTask } from "./task-words.ts";

/** As many pages as results fill. */
const PAGES = RESULTS / PRODUCTS_PER_PAGE;

/** The tokens by id: special, turns, replies, numbers, then words and pieces of ids in alphabetical order. */
export function vocabulary({ catalogue, goals }: Shop): string[] {
  const words = new Set<string>();
  const numbers = new Set(Array.from({ length: PAGES }, (_, page) => page + 1));
  for (const { text } of goals) {
    const { words: told, limit } = readTask(text);
    for (const word of told) words.add(word);
    if (limit !== undefined) numbers.add(limit);
  }
  const pieces = new Set<string>();
  for (let number = 0; number < catalogue.size; number++) {
    const { asin, title, options } = catalogue.product(number);
    for (const piece of spelled(asin).split(" ")) pieces.add(piece);
    const values = options.flatMap(([, list]) => list);
    for (const word of [title, ...values].flatMap((text) => readTask(text).words)) words.add(word);
  }
  const sorted = [...numbers].sort((a, b) => a - b).map(String);
  const all = ["\n", ",", ...WRITTEN_WORDS, ...READ_WORDS, ...sorted, ...[...words].sort()];
  return [...new Set([...SPECIAL, ...all, ...[...pieces].sort()])];
}

/** The text of the tokenizer.json. */
export function tokenizerJson(shop: Shop): string {
  return wordLevelJson(vocabulary(shop));
}
