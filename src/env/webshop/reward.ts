/**
 * What a purchase is worth:
 *
 *     score = type · (attribute matches + option matches + price ok) / (|A| + |O| + 1)
 *
 * The option rule `pairs` is the original's: an option asked for as a mapping is compared as the text of
 * the pair (name, value), a colour only when name or value is exactly one. `values` compares the values, as
 * the original does with the options of human goals.
 */
import { repr } from "../python-text.ts";
import { colorAmong, colorIn } from "./colors.ts";
import { areAlike } from "./fuzzy.ts";
import { nounsOf } from "./nouns.ts";
import type { Product } from "./product.ts";

export type OptionRule = "pairs" | "values";

/** An option as a goal asks for it: a pair of name and value, or a value alone. */
export type GoalOption = string | readonly [name: string, value: string];

export interface Wish {
  readonly attributes: readonly string[];
  readonly options: readonly GoalOption[];
  readonly priceUpper: number;
}

/** The score and its parts. */
export interface Reward {
  readonly score: number;
  /** 0, 0.1, 0.5 or 1: is it the kind of product that was asked for? */
  readonly type: number;
  /** Shares of what was asked for, in [0, 1]. */
  readonly attributes: number;
  /** Absent where no option was asked for. */
  readonly options?: number;
  /** 1 within the limit, else 0. */
  readonly price: number;
}

export interface Purchase {
  readonly product: Product;
  /** The price that is charged. */
  readonly price: number;
  /** The values that were chosen. */
  readonly values: readonly string[];
}

/** @param target the product that the wish was made from */
export function rewardOf(
  { product, price, values }: Purchase,
  wish: Wish,
  target: Product,
  rule: OptionRule,
): Reward {
  const type = typeFactor(product, target);
  const attributes = wish.attributes.filter((one) => hasAttribute(product, one)).length;
  const options = wish.options.filter((one) => isChosen(values, one, rule)).length;
  const within = price <= wish.priceUpper ? 1 : 0;
  const asked = wish.attributes.length + wish.options.length + 1;
  return {
    score: ((attributes + options + within) / asked) * type,
    type,
    attributes: wish.attributes.length === 0 ? 1 : attributes / wish.attributes.length,
    ...(wish.options.length > 0 && { options: options / wish.options.length }),
    price: within,
  };
}

export function hasAttribute({ attributes, ...texts }: Product, wanted: string): boolean {
  if (attributes.some((one) => areAlike(one, wanted))) return true;
  const { title, bullets, description } = texts;
  return [title, bullets.join(" "), description].some((text) =>
    text.toLowerCase().includes(wanted),
  );
}

export function isChosen(values: readonly string[], wanted: GoalOption, rule: OptionRule): boolean {
  const asked = askedText(wanted, rule);
  return values.some((value) => areAlike(colorIn(value), asked));
}

function askedText(wanted: GoalOption, rule: OptionRule): string {
  if (typeof wanted === "string") return colorIn(wanted);
  const [name, value] = wanted;
  if (rule === "values") return colorIn(value);
  return colorAmong(wanted) ?? `(${repr(name)}, ${repr(value)})`;
}

/** Whether the bought product is of the kind that was asked for. */
export function typeFactor(bought: Product, target: Product): number {
  const titles = titleScore(bought.title, target.title);
  // These two override a matching category.
  if (titles === 0) return 0;
  if (titles < 0.1) return 0.1;
  const isKind = bought.query === target.query || haveCommonPath(bought.path, target.path);
  return isKind || titles > 0.2 ? 1 : 0.5;
}

/** The share of the wanted title's nouns that the bought one has. */
export function titleScore(bought: string, wanted: string): number {
  const nouns = nounsOf(wanted);
  if (nouns.length === 0) return 0.2;
  const found = new Set(nounsOf(bought));
  return [...new Set(nouns)].filter((noun) => found.has(noun)).length / nouns.length;
}

function haveCommonPath(one: string, other: string): boolean {
  const parts = (path: string) => new Set(path.split("›").map((part) => part.trim()));
  const others = parts(other);
  return [...parts(one)].filter((part) => others.has(part)).length >= 2;
}
