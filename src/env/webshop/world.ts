/** Opens WebShop: reads its data and options, lists its tasks, starts its episodes. */
import { existsSync } from "node:fs";
import { invariant, UserError } from "../../core/errors.ts";
import { saveIndex } from "../../retrieval/index-file.ts";
import type { AgentFormat, Episode, Expert, Mistakes, World, WorldOptions } from "../env.ts";
import { checkOptionNames } from "../option-names.ts";
import { WebShopEpisode } from "./env.ts";
import { webshopExpert } from "./experts.ts";
import { FORMATS } from "./format.ts";
import type { GoalKind } from "./load.ts";
import { loadShop } from "./load.ts";
import type { OptionRule } from "./reward.ts";
import type { Shop } from "./shop.ts";
import { findGoal, splitsOf, taskIds } from "./tasks.ts";

/** The first of each is the default. */
const CHOICES = {
  format: Object.keys(FORMATS),
  reward: ["score", "1", "10"],
  goals: ["synthetic", "human"],
  option_rule: ["pairs", "values"],
  shortcuts: ["off", "on"],
} as const;
const OPTIONS = [...Object.keys(CHOICES), "seed", "index"];
const DEFAULT_SEED = 233;
const LARGEST_SEED = 2 ** 32 - 1;

export class WebShop implements World {
  readonly name = "webshop";
  readonly format: AgentFormat;
  readonly splits: Readonly<Record<string, readonly string[]>>;
  readonly #shop: Shop;
  readonly #ids: readonly string[];
  readonly #rule: OptionRule;
  readonly #fullReward: number | undefined;
  readonly #shortcuts: boolean;

  /** @throws UserError for unreadable data or an option that is not understood */
  constructor({ data, option = {}, note = () => {} }: WorldOptions = {}) {
    checkOptionNames("webshop", option, OPTIONS);
    this.format = FORMATS[choice(option, "format")] as AgentFormat;
    this.#rule = choice(option, "option_rule") as OptionRule;
    this.#shortcuts = choice(option, "shortcuts") === "on";
    const reward = choice(option, "reward");
    this.#fullReward = reward === "score" ? undefined : Number(reward);
    const goals = choice(option, "goals") as GoalKind;
    this.#shop = loadShop(
      data as string,
      { goals, seed: seedOf(option), index: option.index },
      note,
    );
    this.#ids = taskIds(this.#shop, goals);
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
    const goal = this.#shop.goals[findGoal(this.#shop, this.#ids, task, 0)];
    invariant(goal, `no goal for "${task}"`);
    return this.#shop.catalogue.product(goal.target).category;
  }

  start(task: string, seed: number, maxTurns = Number.POSITIVE_INFINITY): WebShopEpisode {
    const number = findGoal(this.#shop, this.#ids, task, seed);
    return new WebShopEpisode({
      ...{ task: this.#ids[number]!, goal: this.#shop.goals[number]!, shop: this.#shop },
      ...{ seed, maxTurns, rule: this.#rule, shortcuts: this.#shortcuts },
      fullReward: this.#fullReward,
    });
  }

  expert(episode: Episode, mistakes?: Mistakes): Expert {
    invariant(episode instanceof WebShopEpisode, "this episode is not WebShop's");
    return webshopExpert(episode, mistakes);
  }
}

type Options = Readonly<Record<string, string>>;

/** One of the allowed words; the first when the option is not given. */
function choice(option: Options, name: keyof typeof CHOICES): string {
  const allowed: readonly string[] = CHOICES[name];
  const given = option[name] ?? (allowed[0] as string);
  if (allowed.includes(given)) return given;
  const words = allowed.join(", ");
  throw new UserError(`webshop: option ${name}: expected one of ${words}, found "${given}"`);
}

function seedOf({ seed }: Options): number {
  if (seed === undefined) return DEFAULT_SEED;
  const value = /^\d{1,10}$/.test(seed) ? Number(seed) : Number.NaN;
  if (value <= LARGEST_SEED) return value;
  throw new UserError(
    `webshop: option seed: expected a whole number from 0 to ${LARGEST_SEED}, found "${seed}"`,
  );
}
