/**
 * The expert knows the goal's target and how purchases are scored. It searches with the words of the
 * instruction where that finds the product on the first two pages, else with the product's title, turns to
 * its page, opens it, chooses what was asked for and buys.
 */
import type { WebShopEpisode } from "./env.ts";
import { pairsOf } from "./goal.ts";
import { PRODUCTS_PER_PAGE } from "./pages.ts";
import { BUTTONS, clickName } from "./places.ts";
import type { GoalOption } from "./reward.ts";
import { type Plan, planPurchase } from "./solver.ts";
import { termsOf } from "./task-words.ts";

/** Results on the first two pages. */
const NEAR = 2 * PRODUCTS_PER_PAGE;

export interface Errand extends Plan {
  readonly query: string;
}

/** What is to be bought and how it is found; fixed for an episode. */
export function errandOf({ shop, goal, rule }: WebShopEpisode): Errand {
  const plan = planPurchase(shop, goal, rule);
  const { title, asin, description } = shop.catalogue.product(plan.product);
  const told = instructionWords(goal.text, goal.options);
  const queries = [told, `${told} ${title}`, title, description].map(searchable);
  let best = { query: queries[0], place: Number.POSITIVE_INFINITY };
  // Most are found with the first one: a search is the dearest part of a start.
  for (const query of queries) {
    const place = shop.search.find(query).indexOf(plan.product);
    if (place >= 0 && place < best.place) best = { query, place };
    if (best.place < NEAR) break;
  }
  return { ...plan, query: best.query || asin };
}

/** The next action from where the episode is. */
export function nextAction(episode: WebShopEpisode, errand: Errand): string {
  const { page, results, pageNumber, item, options } = episode.place;
  const place = results.indexOf(errand.product);
  if (page === "search" || page === "done") return `search[${errand.query}]`;
  if (page === "results") {
    if (place < 0) return click(BUTTONS.back);
    const wanted = Math.floor(place / PRODUCTS_PER_PAGE) + 1;
    if (wanted !== pageNumber) return click(wanted > pageNumber ? BUTTONS.next : BUTTONS.previous);
    return click(clickName(episode.shop.catalogue, errand.product));
  }
  if (page !== "item") return click(BUTTONS.previous);
  if (item !== errand.product) return click(place < 0 ? BUTTONS.back : BUTTONS.previous);
  for (const [name, value] of errand.choices) {
    if (options.get(name) !== value) return click(value);
  }
  return click(BUTTONS.buy);
}

function click(name: string): string {
  return `click[${name}]`;
}

/** The instruction without its opening, its price and the names of options. */
function instructionWords(text: string, options: readonly GoalOption[]): string {
  let words = text.replace(/^find me /i, "").replace(/, and price lower than .*$/s, "");
  for (const [name, value] of pairsOf(options)) {
    if (name !== "") words = words.replace(`${name}: ${value}`, value);
  }
  return words;
}

/** As an agent would write it: words that a search looks for, without marks around them. */
function searchable(text: string): string {
  const words = text
    .toLowerCase()
    .replace(/[[\]]/g, " ")
    .split(/\s+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}"']+$/gu, ""));
  return words.filter((word) => termsOf(word).length > 0).join(" ");
}
