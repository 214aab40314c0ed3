/** Which purchase scores 1 for a goal, if any: the target with what was asked for, else anything that does. */
import { parseAction } from "./action.ts";
import type { Catalogue } from "./catalogue.ts";
import { type Goal, pairsOf } from "./goal.ts";
import { BUTTON_WORDS } from "./places.ts";
import type { Product } from "./product.ts";
import { type GoalOption, hasAttribute, isChosen, type OptionRule, typeFactor } from "./reward.ts";
import type { Shop } from "./shop.ts";

export interface Plan {
  readonly product: number;
  /** Option name → the value to click. */
  readonly choices: ReadonlyMap<string, string>;
  /** Whether it scores 1. */
  readonly isPerfect: boolean;
}

/** Larger catalogues are not searched for a stand-in of the target. */
const SEARCHED_CATALOGUE = 20_000;

/** By goal, which is of one shop: where the target will not do, all products were looked through. */
const KNOWN = new WeakMap<Goal, Map<OptionRule, Plan>>();

/** A perfect purchase; where none is known, the target with the values that were asked for. */
export function planPurchase(shop: Shop, goal: Goal, rule: OptionRule): Plan {
  const plans = KNOWN.get(goal) ?? new Map<OptionRule, Plan>();
  const plan = plans.get(rule) ?? findPurchase(shop, goal, rule);
  KNOWN.set(goal, plans.set(rule, plan));
  return plan;
}

function findPurchase({ catalogue, prices }: Shop, goal: Goal, rule: OptionRule): Plan {
  const target = catalogue.product(goal.target);
  const isPerfect = (number: number) =>
    typeFactor(catalogue.product(number), target) === 1 &&
    goal.attributes.every((one) => hasAttribute(catalogue.product(number), one));
  for (const number of candidates(catalogue, goal)) {
    // What costs least to find out comes first: the price needs no product, and most lack a matching value.
    if ((prices[number] as number) > goal.priceUpper) continue;
    const choices = choose(catalogue.product(number), goal.options, rule);
    if (choices !== undefined && isPerfect(number)) {
      return { product: number, choices, isPerfect: true };
    }
  }
  return { product: goal.target, choices: asAsked(target, goal.options), isPerfect: false };
}

/** The target, then all others. */
function* candidates({ size }: Catalogue, { target }: Goal): Generator<number> {
  yield target;
  if (size > SEARCHED_CATALOGUE) return;
  for (let number = 0; number < size; number++) if (number !== target) yield number;
}

/**
 * Values, one per name at most, of which each wish finds one that matches; the very value asked for is
 * tried first.
 */
function choose(
  product: Product,
  wishes: readonly GoalOption[],
  rule: OptionRule,
): ReadonlyMap<string, string> | undefined {
  const choices = new Map<string, string>();
  const fulfil = (at: number): boolean => {
    const wish = wishes[at];
    if (wish === undefined) return true;
    if (isChosen([...choices.values()], wish, rule)) return fulfil(at + 1);
    for (const [name, value] of inOrderOfLikeness(product, wish)) {
      if (choices.has(name) || !isChosen([value], wish, rule)) continue;
      choices.set(name, value);
      if (fulfil(at + 1)) return true;
      choices.delete(name);
    }
    return false;
  };
  return fulfil(0) ? choices : undefined;
}

function inOrderOfLikeness(product: Product, wish: GoalOption): (readonly [string, string])[] {
  const [[wantedName, wanted] = ["", ""]] = pairsOf([wish]);
  const rank = ([name, value]: readonly [string, string]) =>
    (value === wanted ? 0 : 2) + (name === wantedName ? 0 : 1);
  return clickable(product).sort((a, b) => rank(a) - rank(b));
}

/** Name and value of every choice that a click can make. */
function clickable({ options }: Product): (readonly [string, string])[] {
  const pairs = options.flatMap(([name, values]) =>
    values.map((value): readonly [string, string] => [name, value]),
  );
  return pairs.filter(([name, value]) => {
    const owner = options.findLast(([, values]) => values.includes(value));
    const read = parseAction(`click[${value}]`);
    const isRead = read.name === "click" && read.argument === value;
    return isRead && owner?.[0] === name && !BUTTON_WORDS.includes(value);
  });
}

function asAsked(product: Product, wishes: readonly GoalOption[]): ReadonlyMap<string, string> {
  const choices = new Map<string, string>();
  for (const [wantedName, wanted] of pairsOf(wishes)) {
    const found = clickable(product).find(
      ([name, value]) => value === wanted && (wantedName === "" || name === wantedName),
    );
    if (found !== undefined) choices.set(...found);
  }
  return choices;
}
