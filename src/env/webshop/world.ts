/** Opens WebShop: reads its data and options, lists its tasks, starts its episodes. */
import { existsSync } from "node:fs";
import { invariant } from "../../core/errors.ts";
import { saveIndex } from "../../retrieval/index-file.ts";
import type { AgentFormat, Episode, Expert, Mistakes, World, WorldOptions } from "../env.ts";
import { readOptions } from "../options.ts";
import { WebShopEpisode } from "./env.ts";
import { webshopExpert } from "./experts.ts";
import { FORMATS } from "./format.ts";
import { generatedShop } from "./generated-shop.ts";
import { loadShop } from "./load.ts";
import { checkUse, OPTIONS } from "./options.ts";
import type { OptionRule } from "./reward.ts";
import type { Shop } from "./shop.ts";
import { findGoal, splitsOf, taskIds } from "./tasks.ts";

export class WebShop implements World {
  readonly name = "webshop";
  readonly format: AgentFormat;
  readonly splits: Readonly<Record<string, readonly string[]>>;
  readonly #rule: OptionRule;
  readonly #shortcuts: boolean;
  readonly #fullReward: number | undefined;
  readonly #shop: Shop;
  readonly #ids: readonly string[];

  /** @throws UserError for unreadable data or an option that is not understood */
  constructor({ data, option = {}, note = () => {} }: WorldOptions = {}) {
    const options = readOptions("webshop", OPTIONS, option);
    checkUse(option, data !== undefined);
    const { reward, products, worldSeed } = options;
    this.#rule = options.optionRule;
    this.#shortcuts = options.shortcuts === "on";
    this.#fullReward = reward === "score" ? undefined : Number(reward);
    this.format = FORMATS[options.format];
    this.#shop =
      data === undefined
        ? generatedShop(options, { products, seed: worldSeed })
        : loadShop(data, options, note);
    this.#ids = taskIds(this.#shop, options.goals);
    this.splits = splitsOf(this.#shop, this.#ids);
    if (this.#rule === "values") {
      note(
        "webshop: options are compared by their values (option_rule=values), the original compares pairs",
      );
    }
  }

  /** The same, and saves the index where option index names a file that is not there. */
  static async open(options: WorldOptions = {}): Promise<WebShop> {
    const path = options.option?.index;
    const isNew = path !== undefined && !existsSync(path);
    const world = new WebShop(options);
    if (!isNew) return world;
    await saveIndex(world.#shop.search.index, path);
    options.note?.(`webshop: saved the index in ${path}`);
    return world;
  }

  /** The department that the target is in; results are reported by it. */
  kindOf(task: string): string {
    const { target } = this.#shop.goals[findGoal(this.#shop, this.#ids, task, 0)]!;
    return this.#shop.catalogue.product(target).category;
  }

  start(task: string, seed: number, maxTurns = Number.POSITIVE_INFINITY): WebShopEpisode {
    const number = findGoal(this.#shop, this.#ids, task, seed);
    return new WebShopEpisode({
      ...{ task: this.#ids[number]!, goal: this.#shop.goals[number]!, shop: this.#shop },
      ...{ rule: this.#rule, shortcuts: this.#shortcuts, fullReward: this.#fullReward },
      ...{ seed, maxTurns },
    });
  }

  expert(episode: Episode, mistakes?: Mistakes): Expert {
    invariant(episode instanceof WebShopEpisode, "this episode is not WebShop's");
    return webshopExpert(episode, mistakes);
  }
}
