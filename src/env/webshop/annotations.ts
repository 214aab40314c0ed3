/** What the catalogue's neighbours say of its products: attributes and instructions. */
import { z } from "zod";
import { UserError } from "../../core/errors.ts";
import { validate } from "../../core/validate.ts";
import { withBoundedGarbage } from "./bounded-garbage.ts";
import type { HumanInstruction, Instruction } from "./goal.ts";
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
