/** Prices and goals that were drawn before, from files beside the catalogue; each is checked against it. */
import { z } from "zod";
import { UserError } from "../../core/errors.ts";
import { validate } from "../../core/validate.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Goal } from "./goal.ts";
import { readElements } from "./json-elements.ts";
import { entriesInOrder } from "./ordered-json.ts";
import type { Product } from "./product.ts";
import { hasAttribute } from "./reward.ts";

/** The charged prices by product. @throws UserError naming file and product */
export function readPrices(path: string, catalogue: Catalogue): number[] {
  const prices: number[] = [];
  for (const { key, value, where } of readElements(path, "object", "product")) {
    const number = catalogue.numberOf(key);
    if (number === undefined) throw new UserError(`${where}: the catalogue has no such product`);
    const price = validate(z.number().min(0), value, where);
    const [first, second = first] = catalogue.pricesOf(number);
    const [least, most] = first < second ? [first, second] : [second, first];
    if (price < least || price > most) {
      const allowed = least === most ? `${least}` : `${least} to ${most}`;
      throw new UserError(`${where}: found ${price}, allowed by the catalogue: ${allowed}`);
    }
    prices[number] = price;
  }
  const missing = catalogue.asins.find((_, number) => prices[number] === undefined);
  if (missing === undefined) return prices;
  throw new UserError(`${path}: no price for ${missing}, which the catalogue has`);
}

const WrittenGoal = z.object({
  index: z.int().optional(),
  asin: z.string(),
  instruction_text: z.string().regex(/\S/),
  attributes: z.array(z.string().min(1)).min(1),
  goal_options: z.record(z.string(), z.string()),
  price_upper: z.number().min(0),
  weight: z.number().min(0),
});
type WrittenGoal = z.output<typeof WrittenGoal>;

/**
 * Goals in the order of their numbers. One that its target cannot fulfil is another catalogue's, or damaged.
 * @param prices what each product is charged
 * @throws UserError naming file, goal and field
 */
export function readGoals(path: string, catalogue: Catalogue, prices: readonly number[]): Goal[] {
  const goals: Goal[] = [];
  for (const { value, where } of readElements(path, "array", "goal")) {
    const goal = validate(WrittenGoal, value, where);
    const target = catalogue.numberOf(goal.asin);
    if (target === undefined) {
      throw new UserError(`${where}: asin: the catalogue has no product "${goal.asin}"`);
    }
    const { goal_options: written } = value as { goal_options: Readonly<Record<string, string>> };
    const options = entriesInOrder(written);
    const problem =
      misnumbered(goal, goals.length) ??
      unknownOption(options, catalogue.product(target)) ??
      unknownAttribute(goal, catalogue.product(target)) ??
      wrongLimit(goal, prices[target] as number);
    if (problem !== undefined) throw new UserError(`${where}: ${problem}`);
    goals.push({
      target,
      text: goal.instruction_text,
      attributes: goal.attributes,
      options,
      priceUpper: goal.price_upper,
      weight: goal.weight,
    });
  }
  return goals;
}

function misnumbered({ index }: WrittenGoal, position: number): string | undefined {
  if (index === undefined || index === position) return undefined;
  return `index: found ${index}, allowed: ${position}, the goal's place in the file`;
}

function unknownOption(
  asked: readonly (readonly [name: string, value: string])[],
  { asin, options }: Product,
): string | undefined {
  for (const [name, value] of asked) {
    const values = options.find(([one]) => one === name)?.[1];
    if (values === undefined) {
      const names = options.map(([one]) => one).join(", ") || "none";
      return `goal_options: found "${name}", allowed for ${asin}: ${names}`;
    }
    if (values.includes(value)) continue;
    return `goal_options.${name}: found "${value}", allowed for ${asin}: ${some(values)}`;
  }
  return undefined;
}

function unknownAttribute({ attributes }: WrittenGoal, target: Product): string | undefined {
  const known = target.attributes;
  const strange = attributes.find((one) => !known.includes(one) && !hasAttribute(target, one));
  if (strange === undefined) return undefined;
  return `attributes: found "${strange}", allowed for ${target.asin}: ${some(known)}`;
}

/** The target is always within its limit, and the limit is the one that the agent is told. */
function wrongLimit(
  { instruction_text, price_upper }: WrittenGoal,
  price: number,
): string | undefined {
  if (price_upper < price) {
    return `price_upper: found ${price_upper}, allowed: what the target is charged, ${price}, or more`;
  }
  const told = /, and price lower than ([\d.]+) dollars$/.exec(instruction_text)?.[1];
  if (told === undefined || Number(told) === price_upper) return undefined;
  return `price_upper: found ${price_upper}, allowed: ${Number(told)}, as instruction_text says`;
}

const SHOWN = 8;

function some(values: readonly string[]): string {
  const rest = values.length - SHOWN;
  return `${values.slice(0, SHOWN).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
