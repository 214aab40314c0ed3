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
 *              Success is a score of 1. Evaluations tell the score and its parts, each with the share of
 *              episodes that have all of it; an episode without a purchase counts 0.
 * End          Buying terminates; `maxTurns` truncates (published results use 15).
 * Arguments    `data`: a directory with items_shuffle_1000.json and items_ins_v2_1000.json, or the full
 *              catalogue's files, plain or .gz; or the catalogue's file itself. Prices and goals of the
 *              same seed are read where they are there, else drawn.
 *              Options: options.ts; `empg envs webshop` lists them.
 * Admissible   `search[<your query>]` where there is a search bar, then click[x] for the page's buttons,
 *              products and values, as verl-agent lists them: `click[search]`, which does nothing,
 *              too. After the end none.
 *
 * Elsewhere    verl-agent's set-up is `env.max_turns` = 15, `rollout.history` = 2, `env.invalid_action_penalty` = 0.1
 *              and options format=text, reward=10; its lists are verl-train and verl-validation.
 *
 * Quirks of the original that are kept, each with a test of its name
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
import type { Episode, Outcome } from "../env.ts";
import { parseAction } from "./action.ts";
import { type Goal, pairsOf } from "./goal.ts";
import * as pages from "./pages.ts";
import { clickables, clicked, ENTRANCE, type Place, searched, shownProducts } from "./places.ts";
import { type OptionRule, type Reward, rewardOf } from "./reward.ts";
import type { Shop } from "./shop.ts";
import { findWithShortcuts } from "./shortcuts.ts";

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

const QUERY_BAR = "search[<your query>]";

export class WebShopEpisode implements Episode {
  readonly task: string;
  readonly goal: Goal;
  readonly shop: Shop;
  readonly rule: OptionRule;
  readonly opening: string;
  readonly #start: Start;
  #place: Place = ENTRANCE;
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

  get place(): Place {
    return this.#place;
  }

  step(action: string): Outcome {
    invariant(!this.#ended, `webshop: "${this.task}" has ended, no further action is possible`);
    const next = this.#follow(action);
    this.#place = next ?? this.#place;
    this.#turns++;
    if (this.#place.page === "done") this.#reward = this.#purchase();
    const isLate = this.#turns >= this.#start.maxTurns;
    const end = this.#reward ? "terminated" : isLate ? "truncated" : null;
    this.#ended = end !== null;
    const { fullReward } = this.#start;
    const score = this.#reward?.score ?? 0;
    const success = score === 1;
    const reward = fullReward === undefined ? score : success ? fullReward : 0;
    return { observation: this.#observe(), reward, end, valid: next !== undefined, success };
  }

  admissible(): readonly string[] {
    if (this.#ended) return [];
    const clicks = clickables(this.shop.catalogue, this.#place).map((name) => `click[${name}]`);
    return this.#place.page === "search" ? [QUERY_BAR, ...clicks] : clicks;
  }

  stateKey(): string {
    const { page, query, pageNumber, item, options } = this.#place;
    return JSON.stringify([page, query, pageNumber, item, [...options].sort()]);
  }

  /** The score and its parts, in [0, 1]; `…_full` is 1 where a part is all there. Zero without a purchase. */
  scores(): Readonly<Record<string, number>> {
    const { score, ...parts } = this.#reward ?? nothing(this.goal);
    const told = Object.entries(parts).flatMap(([name, share]): [string, number][] => [
      [name, share],
      [`${name}_full`, share === 1 ? 1 : 0],
    ]);
    return { score, bought: this.#reward ? 1 : 0, ...Object.fromEntries(told) };
  }

  /** What the pages do not show: where one is, and what was chosen. */
  map(): string {
    const { page, query, pageNumber, item, options } = this.#place;
    const asked = pairsOf(this.goal.options).map(([, value]) => value);
    const lines = [`page: ${page}`];
    if (query !== "") lines.push(`search: ${query}, page ${pageNumber}`);
    if (item >= 0) {
      const { asin, title } = this.shop.catalogue.product(item);
      lines.push(`product: ${asin} ${title}`);
    }
    for (const [name, value] of options) {
      lines.push(`chosen: ${name}: ${value}${asked.includes(value) ? " (asked for)" : ""}`);
    }
    return lines.join("\n");
  }

  close(): void {
    this.#ended = true;
  }

  /** Where an action leads; undefined where it does nothing. */
  #follow(action: string): Place | undefined {
    const { name, argument } = parseAction(action);
    if (argument === undefined) return undefined;
    if (name === "click") return clicked(this.shop.catalogue, this.#place, argument);
    if (name !== "search") return undefined;
    const results = this.#start.shortcuts
      ? findWithShortcuts(this.shop, argument, this.#start)
      : this.shop.search.find(argument);
    return results && searched(argument, results);
  }

  #purchase(): Reward {
    const { catalogue, prices } = this.shop;
    const { item, options } = this.#place;
    const price = prices[item] as number;
    const purchase = { product: catalogue.product(item), price, values: [...options.values()] };
    return rewardOf(purchase, this.goal, catalogue.product(this.goal.target), this.rule);
  }

  #observe(): string {
    const { text } = this.goal;
    const { catalogue } = this.shop;
    const { page, results, pageNumber, item, options } = this.#place;
    switch (page) {
      case "search":
        return this.opening;
      case "results": {
        const shown = shownProducts(this.#place).map((number) => catalogue.product(number));
        return pages.resultsPage(text, { page: pageNumber, total: results.length, shown });
      }
      case "item":
        return pages.itemPage(text, catalogue.product(item));
      case "done":
        return pages.donePage(catalogue.asins[item] as string, options, this.#reward?.score ?? 0);
      default:
        return pages.subPage(text, page, catalogue.product(item));
    }
  }
}

/** What not buying is worth. */
function nothing({ options }: Goal): Reward {
  const asked = options.length > 0 ? { options: 0 } : {};
  return { score: 0, type: 0, attributes: 0, ...asked, price: 0 };
}
