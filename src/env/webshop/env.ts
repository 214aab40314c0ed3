/**
 * WebShop: find and buy the product that an instruction describes, in a shop of text pages.
 *
 * Task         One goal: `<number>/<asin>`, or its number alone; `random` draws one by weight. Splits
 *              train, validation, test share no target product; heldout is the last two. Panels:
 *              webshop-test, -validation, -train (0–499, 500–1499, the rest) and verl-validation, -train
 *              (0–499, the rest), which share target products; all. Without `data` a generated shop.
 * Actions      search[words] on any page · click[x] for what the page offers: a product's id, next >,
 *              < prev, back to search, description, features, reviews, an option's value, buy now.
 * Observation  The original's text mode to the character, segments joined by ` [SEP] `.
 * Reward       On purchase: type · (attributes + options + price) / (|A| + |O| + 1), in [0, 1]
 *              (option reward=1 or 10: that much for a full score only, as verl-agent has it; else 0).
 *              `parts` has the score and what it is made of. Success is a score of 1.
 * End          Buying terminates; `maxTurns` truncates (published results use 15).
 * Arguments    `data`: a directory with items_shuffle_1000.json and items_ins_v2_1000.json, or the full
 *              catalogue's files, plain or .gz; or the catalogue's file itself. Prices and goals of the
 *              same seed are read where they are there, else drawn.
 *              Options: format text|compact (compact) · reward score|1|10 (score) · goals
 *              synthetic|human (synthetic) · option_rule pairs|values (pairs, the original's) ·
 *              shortcuts off|on (off): first words <r>, <c>, <q> of a search · seed (233) of prices,
 *              limits and order · index FILE, from `saveIndex`, in place of one built at start.
 * Admissible   `search[<your query>]` where there is a search bar, then click[x] for the page's buttons,
 *              products and values, as verl-agent lists them: `click[search]`, which does nothing,
 *              too. After the end none.
 *
 * Quirks of the original that are kept
 *   Goals whose option value has a colour word inside a longer word cannot score 1 with the values they
 *   ask for; `option_rule=values` cures it. · Search works on every page. · `Next >` never ends. ·
 *   Going back to the results loses the options. · Nothing on a page shows what was chosen. · A product
 *   with a price range is charged one price that no page shows. · Attributes match by chance, too.
 *
 * Differences from the original
 * 1. Nouns in titles are found by the rule of nouns.ts, not by a statistical tagger.
 * 2. All sessions share one list of goals, so verl-agent's validation tasks are not trained on; in the
 *    original every worker shuffles differently and they are.
 * 3. After the end no action is taken. `<a>` and a bare `<c>`, which stop the original, do nothing.
 * 4. An action is invalid when it does nothing; in format text a response is invalid by its form.
 */
import { invariant } from "../../core/errors.ts";
import { randomFrom, seedFor } from "../../core/random.ts";
import type { Episode, Outcome } from "../env.ts";
import { parseAction } from "./action.ts";
import type { Goal } from "./goal.ts";
import { pairsOf } from "./goal.ts";
import * as pages from "./pages.ts";
import type { Product } from "./product.ts";
import { type OptionRule, type Reward, rewardOf } from "./reward.ts";
import type { Shop } from "./shop.ts";

export const BUTTONS = {
  back: "back to search",
  next: "next >",
  previous: "< prev",
  buy: "buy now",
} as const;
export const QUERY_BAR = "search[<your query>]";

const RANDOM_RESULTS = 50;

/** What an episode starts from. */
export interface Start {
  readonly task: string;
  readonly goal: Goal;
  readonly shop: Shop;
  readonly seed: number;
  /** The reward of a full score alone; absent: the score is the reward. */
  readonly fullReward?: number | undefined;
  readonly rule: OptionRule;
  readonly shortcuts: boolean;
  readonly maxTurns: number;
}

export type PageName = "search" | "results" | "item" | pages.SubPage | "done";

export class WebShopEpisode implements Episode {
  readonly task: string;
  readonly goal: Goal;
  readonly shop: Shop;
  readonly rule: OptionRule;
  readonly opening: string;
  readonly #start: Start;
  #page: PageName = "search";
  #query = "";
  #results: readonly number[] = [];
  #pageNumber = 0;
  #item = -1;
  #options = new Map<string, string>();
  #reward: Reward | undefined;
  #turns = 0;
  #ended = false;

  constructor(start: Start) {
    this.#start = start;
    this.task = start.task;
    this.goal = start.goal;
    this.shop = start.shop;
    this.rule = start.rule;
    this.opening = pages.searchPage(start.goal.text);
  }

  get page(): PageName {
    return this.#page;
  }

  get query(): string {
    return this.#query;
  }

  /** Products that the search found, of all pages. */
  get results(): readonly number[] {
    return this.#results;
  }

  /** Counts from 1. */
  get pageNumber(): number {
    return this.#pageNumber;
  }

  /** The product on show; -1 where there is none. */
  get item(): number {
    return this.#item;
  }

  get options(): ReadonlyMap<string, string> {
    return this.#options;
  }

  step(action: string): Outcome {
    invariant(!this.#ended, `webshop: "${this.task}" has ended, no further action is possible`);
    const valid = this.#carryOut(action);
    this.#turns++;
    const bought = this.#reward;
    const isLate = this.#turns >= this.#start.maxTurns;
    const end = bought !== undefined ? "terminated" : isLate ? "truncated" : null;
    this.#ended = end !== null;
    const success = bought?.score === 1;
    const { fullReward } = this.#start;
    const reward = fullReward === undefined ? (bought?.score ?? 0) : success ? fullReward : 0;
    const outcome = { observation: this.#observe(), reward, end, valid, success } as const;
    return bought === undefined ? outcome : { ...outcome, parts: { ...bought } };
  }

  admissible(): readonly string[] {
    if (this.#ended) return [];
    const clicks = this.#clickables().map((name) => `click[${name}]`);
    return this.#page === "search" ? [QUERY_BAR, ...clicks] : clicks;
  }

  stateKey(): string {
    const where = [this.#page, this.#query, this.#pageNumber, this.#item];
    return JSON.stringify([...where, [...this.#options].sort()]);
  }

  /** What the pages do not show: where one is, and what was chosen. */
  map(): string {
    const asked = pairsOf(this.goal.options).map(([, value]) => value);
    const lines = [`page: ${this.#page}`];
    if (this.#query !== "") lines.push(`search: ${this.#query}, page ${this.#pageNumber}`);
    if (this.#item >= 0) lines.push(`product: ${this.#product.asin} ${this.#product.title}`);
    for (const [name, value] of this.#options) {
      lines.push(`chosen: ${name}: ${value}${asked.includes(value) ? " (asked for)" : ""}`);
    }
    return lines.join("\n");
  }

  close(): void {
    this.#ended = true;
  }

  get #product(): Product {
    return this.shop.catalogue.product(this.#item);
  }

  #carryOut(action: string): boolean {
    const { name, argument } = parseAction(action);
    if (argument === undefined) return false;
    if (name === "search") return this.#search(argument);
    return name === "click" && this.#click(argument);
  }

  #search(query: string): boolean {
    const results = this.#find(query);
    if (results === undefined) return false;
    this.#query = query;
    this.#results = results;
    this.#showResults(1);
    return true;
  }

  #showResults(pageNumber: number): void {
    this.#page = "results";
    this.#pageNumber = pageNumber;
    this.#item = -1;
    this.#options = new Map();
  }

  /** The products that a search finds; undefined for what stops the original. */
  #find(query: string): readonly number[] | undefined {
    const { catalogue, search } = this.shop;
    const words = query.split(" ");
    if (!this.#start.shortcuts) return search.find(query);
    switch (words[0]) {
      case "<r>": {
        const seed = seedFor(this.#start.seed, "webshop-random", this.task, this.#turns);
        const numbers = Array.from(catalogue.asins, (_, number) => number);
        return randomFrom(seed).sample(numbers, RANDOM_RESULTS);
      }
      case "<a>":
        return undefined;
      case "<c>":
        return words[1] === undefined ? undefined : catalogue.listed("category", words[1].trim());
      case "<q>":
        return catalogue.listed("query", words.slice(1).join(" ").trim());
      default:
        return search.find(query);
    }
  }

  #click(name: string): boolean {
    if (!this.#clickables().includes(name) || name === "search") return false;
    if (name === BUTTONS.back) this.#backToSearch();
    else if (this.#page === "results") this.#clickOnResults(name);
    else if (this.#page === "item") this.#clickOnItem(name);
    else this.#page = "item";
    return true;
  }

  #backToSearch(): void {
    this.#page = "search";
    this.#query = "";
    this.#results = [];
    this.#pageNumber = 0;
    this.#item = -1;
    this.#options = new Map();
  }

  #clickOnResults(name: string): void {
    if (name === BUTTONS.next) this.#showResults(this.#pageNumber + 1);
    else if (name === BUTTONS.previous) this.#showResults(this.#pageNumber - 1);
    else {
      const { catalogue } = this.shop;
      const shown = this.#shown().find((one) => catalogue.asins[one]?.toLowerCase() === name);
      invariant(shown !== undefined, `a click on "${name}", which is not on the page`);
      this.#item = shown;
      this.#page = "item";
    }
  }

  #clickOnItem(name: string): void {
    const sub = pages.SUB_PAGES.find((page) => page === name);
    if (name === BUTTONS.buy) this.#buy();
    else if (name === BUTTONS.previous) this.#showResults(this.#pageNumber);
    else if (sub !== undefined) this.#page = sub;
    else {
      const option = this.#product.options.findLast(([, values]) => values.includes(name));
      invariant(option !== undefined, `a click on "${name}", which is not on the page`);
      this.#options.set(option[0], name);
    }
  }

  #buy(): void {
    const { catalogue, prices } = this.shop;
    const price = prices[this.#item] as number;
    const purchase = { product: this.#product, price, values: [...this.#options.values()] };
    this.#reward = rewardOf(purchase, this.goal, catalogue.product(this.goal.target), this.rule);
    this.#page = "done";
  }

  /** The products on the page of results. */
  #shown(): readonly number[] {
    const from = (this.#pageNumber - 1) * pages.PRODUCTS_PER_PAGE;
    return this.#results.slice(from, from + pages.PRODUCTS_PER_PAGE);
  }

  /** Buttons in the page's order, then products, then values; none twice. */
  #clickables(): readonly string[] {
    const { back, next, previous, buy } = BUTTONS;
    switch (this.#page) {
      case "search":
        return ["search"];
      case "results": {
        const { asins } = this.shop.catalogue;
        const ids = this.#shown().map((number) => (asins[number] as string).toLowerCase());
        return [...new Set([back, ...(this.#pageNumber > 1 ? [previous] : []), next, ...ids])];
      }
      case "item": {
        const values = this.#product.options.flatMap(([, list]) => list);
        return [...new Set([back, previous, ...pages.SUB_PAGES, buy, ...values])];
      }
      case "done":
        return [];
      default:
        return [back, previous];
    }
  }

  #observe(): string {
    const { text } = this.goal;
    switch (this.#page) {
      case "search":
        return this.opening;
      case "results": {
        const shown = this.#shown().map((number) => this.shop.catalogue.product(number));
        const { length: total } = this.#results;
        return pages.resultsPage(text, { page: this.#pageNumber, total, shown });
      }
      case "item":
        return pages.itemPage(text, this.#product);
      case "done":
        return pages.donePage(this.#product.asin, this.#options, this.#reward?.score ?? 0);
      default:
        return pages.subPage(text, this.#page, this.#product);
    }
  }
}
