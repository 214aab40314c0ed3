/** What the catalogue's neighbours say of its products: attributes, instructions, prices, goals. */
import { z } from "zod";
import { UserError } from "../../core/errors.ts";
import { validate } from "../../core/validate.ts";
import { withBoundedGarbage } from "./bounded-garbage.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Goal, HumanInstruction, Instruction } from "./goal.ts";
import { readElements } from "./json-elements.ts";

const Attributes = z.object({
  attributes: z.array(z.string()).optional(),
  instruction: z.string().nullish(),
  instruction_attributes: z.array(z.string()).nullish(),
});

export interface Annotations {
  /** By asin, as the rest. */
  readonly attributes: Map<string, readonly string[]>;
  readonly instructions: Map<string, Instruction>;
}

/** Takes in what `items_ins_v2` has under one asin. @throws UserError naming the field */
export function annotate(
  { attributes, instructions }: Annotations,
  asin: string,
  value: unknown,
  where: string,
): void {
  const entry = validate(Attributes, value, where);
  if (entry.attributes !== undefined) attributes.set(asin, entry.attributes);
  if (typeof entry.instruction !== "string") return;
  const asked = entry.instruction_attributes ?? [];
  if (asked.length === 0) {
    throw new UserError(`${where}: instruction_attributes: none, but there is an instruction`);
  }
  instructions.set(asin, { text: entry.instruction, attributes: asked });
}

/** `items_ins_v2`. @throws UserError naming file, product and field */
export function readAnnotations(path: string): Annotations {
  const annotations: Annotations = { attributes: new Map(), instructions: new Map() };
  const elements = readElements(path, "object", "product");
  for (const { key, value, where } of withBoundedGarbage(elements)) {
    annotate(annotations, key, value, where);
  }
  return annotations;
}

const HumanInstructions = z.array(
  z.object({
    instruction: z.string(),
    instruction_attributes: z.array(z.string()),
    instruction_options: z.array(z.string()),
  }),
);

/** What `items_human_ins` has under one asin. @throws UserError naming the field */
export function humanInstructions(value: unknown, where: string): readonly HumanInstruction[] {
  return validate(HumanInstructions, value, where).map((one) => ({
    text: one.instruction,
    attributes: one.instruction_attributes,
    options: one.instruction_options,
  }));
}

/** `items_human_ins`. @throws UserError naming file, product and field */
export function readHumanInstructions(path: string): Map<string, readonly HumanInstruction[]> {
  const instructions = new Map<string, readonly HumanInstruction[]>();
  for (const { key, value, where } of readElements(path, "object", "product")) {
    instructions.set(key, humanInstructions(value, where));
  }
  return instructions;
}

/** The charged prices by product. @throws UserError naming file and product */
export function readPrices(path: string, catalogue: Catalogue): number[] {
  const prices: number[] = [];
  for (const { key, value, where } of readElements(path, "object", "product")) {
    const number = catalogue.numberOf(key);
    if (number === undefined) throw new UserError(`${where}: the catalogue has no such product`);
    prices[number] = validate(z.number().min(0), value, where);
  }
  const missing = catalogue.asins.find((_, number) => prices[number] === undefined);
  if (missing === undefined) return prices;
  throw new UserError(`${path}: no price for ${missing}, which the catalogue has`);
}

const WrittenGoal = z.object({
  asin: z.string(),
  instruction_text: z.string(),
  attributes: z.array(z.string()).min(1),
  goal_options: z.record(z.string(), z.string()),
  price_upper: z.number().min(0),
  weight: z.number().min(0),
});

/** Goals in the order of their numbers. @throws UserError naming file, goal and field */
export function readGoals(path: string, catalogue: Catalogue): Goal[] {
  const goals: Goal[] = [];
  for (const { value, where } of readElements(path, "array", "goal")) {
    const goal = validate(WrittenGoal, value, where);
    const target = catalogue.numberOf(goal.asin);
    if (target === undefined) {
      throw new UserError(`${where}: asin: the catalogue has no product "${goal.asin}"`);
    }
    goals.push({
      target,
      text: goal.instruction_text,
      attributes: goal.attributes,
      options: Object.entries(goal.goal_options),
      priceUpper: goal.price_upper,
      weight: goal.weight,
    });
  }
  return goals;
}
