/** The switches of the world, read from the texts of `--option`. */
import { UserError } from "../../core/errors.ts";
import { checkOptionNames } from "../option-names.ts";
import { FORMATS } from "./format.ts";
import { MOST_PRODUCTS } from "./generated/asins.ts";
import { DEFAULT_CATALOGUE, type GeneratedOptions } from "./generated/generated.ts";
import type { GoalKind, ShopOptions } from "./load.ts";
import type { OptionRule } from "./reward.ts";

/** The first of each is the default. */
const CHOICES = {
  format: Object.keys(FORMATS),
  reward: ["score", "1", "10"],
  goals: ["synthetic", "human"],
  option_rule: ["pairs", "values"],
  shortcuts: ["off", "on"],
} as const;
/** Of a real catalogue, and of the generated one. */
const OF_DATA = ["index"];
const OF_GENERATED = ["products", "world_seed"];
const NAMES = [...Object.keys(CHOICES), "seed", ...OF_DATA, ...OF_GENERATED];

const DEFAULT_SEED = 233;
const LARGEST_SEED = 2 ** 32 - 1;

export interface Options {
  readonly format: string;
  /** What a full score alone is paid; absent: the score is the reward. */
  readonly fullReward: number | undefined;
  readonly rule: OptionRule;
  readonly shortcuts: boolean;
  readonly shop: ShopOptions;
  readonly generated: GeneratedOptions;
}

type Texts = Readonly<Record<string, string>>;

/** @throws UserError for an option that is not understood, or that would be ignored */
export function readOptions(option: Texts, hasData: boolean): Options {
  checkOptionNames("webshop", option, NAMES);
  const unused = (hasData ? OF_GENERATED : OF_DATA).find((name) => option[name] !== undefined);
  if (unused !== undefined) {
    const other = hasData ? "the generated catalogue" : "a real catalogue (--data)";
    throw new UserError(`webshop: option ${unused} is for ${other}`, "leave it out");
  }
  const reward = choice(option, "reward");
  return {
    format: choice(option, "format"),
    fullReward: reward === "score" ? undefined : Number(reward),
    rule: choice(option, "option_rule") as OptionRule,
    shortcuts: choice(option, "shortcuts") === "on",
    shop: {
      goals: choice(option, "goals") as GoalKind,
      seed: whole(option, "seed", 0, LARGEST_SEED) ?? DEFAULT_SEED,
      index: option.index,
    },
    generated: {
      products: whole(option, "products", 1, MOST_PRODUCTS) ?? DEFAULT_CATALOGUE.products,
      seed: whole(option, "world_seed", 0, LARGEST_SEED) ?? DEFAULT_CATALOGUE.seed,
    },
  };
}

/** One of the allowed words; the first when the option is not given. */
function choice(option: Texts, name: keyof typeof CHOICES): string {
  const allowed: readonly string[] = CHOICES[name];
  const given = option[name] ?? (allowed[0] as string);
  if (allowed.includes(given)) return given;
  const words = allowed.join(", ");
  throw new UserError(`webshop: option ${name}: expected one of ${words}, found "${given}"`);
}

function whole(option: Texts, name: string, least: number, most: number): number | undefined {
  const given = option[name];
  if (given === undefined) return undefined;
  const value = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UserError(
    `webshop: option ${name}: expected a whole number from ${least} to ${most}, found "${given}"`,
  );
}
