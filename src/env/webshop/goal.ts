/**
 * Goals as the original makes them from a catalogue: synthetic ones, one for every combination of a
 * product's options, or those that people wrote. The price limit is drawn from the tens above the price.
 */
import { UserError } from "../../core/errors.ts";
import type { Catalogue } from "./catalogue.ts";
import type { PythonRandom } from "./python-random.ts";
import type { GoalOption, Wish } from "./reward.ts";

export interface Goal extends Wish {
  /** The target's number in the catalogue. */
  readonly target: number;
  /** What the agent is told. */
  readonly text: string;
  /** How often it is drawn by chance, beside the others. */
  readonly weight: number;
}

export const NO_LIMIT = 1_000_000;
/** Held in memory, each with its text. */
const MOST_GOALS = 2_000_000;
const TENS = Array.from({ length: 99 }, (_, i) => 10 * (i + 1));
const LIMITS_TO_DRAW_FROM = 4;

/** What a product's synthetic goals ask for, before options and price. */
export interface Instruction {
  readonly text: string;
  readonly attributes: readonly string[];
}

/** A goal that somebody wrote. */
export interface HumanInstruction extends Instruction {
  readonly options: readonly string[];
}

type Unweighted = Omit<Goal, "weight">;

/**
 * @param instructions by asin
 * @returns in the order of the catalogue
 * @throws UserError for more than can be held
 */
export function syntheticGoals(
  catalogue: Catalogue,
  prices: readonly number[],
  instructions: ReadonlyMap<string, Instruction>,
  random: PythonRandom,
): Goal[] {
  const goals: Unweighted[] = [];
  for (const [target, asin] of catalogue.asins.entries()) {
    const instruction = instructions.get(asin);
    if (instruction === undefined) continue;
    const limit = drawLimit(prices[target] as number, random);
    const { options: offered } = catalogue.product(target);
    // Counted before they are made: one product may have more than fit anywhere.
    const count = offered.reduce((product, [, values]) => product * values.length, 1);
    if (goals.length + count > MOST_GOALS) {
      throw new UserError(
        `webshop: more than ${MOST_GOALS} synthetic goals, ${count} of them for ${asin}`,
        "--option goals=human takes those that people wrote",
      );
    }
    for (const options of combinations(offered)) {
      const asked = options.map(([name, value]) => `${name}: ${value}`).join(", and ");
      const text = `${instruction.text}${asked && ` with ${asked}`}${limit.text}`;
      const { attributes } = instruction;
      goals.push({ target, text, attributes, options, priceUpper: limit.upper });
    }
  }
  return weighted(goals);
}

export function humanGoals(
  catalogue: Catalogue,
  prices: readonly number[],
  instructions: ReadonlyMap<string, readonly HumanInstruction[]>,
  random: PythonRandom,
): Goal[] {
  const goals: Goal[] = [];
  for (const [target, asin] of catalogue.asins.entries()) {
    for (const { text, attributes, options } of instructions.get(asin) ?? []) {
      if (attributes.length === 0) continue;
      const limit = drawLimit(prices[target] as number, random);
      const told = text.replace(/^\.+|\.+$/g, "") + limit.text;
      goals.push({ target, text: told, attributes, options, priceUpper: limit.upper, weight: 1 });
    }
  }
  return goals;
}

/** The second, third or fourth ten above a price, with probabilities 1/6, 2/6 and 3/6. */
function drawLimit(price: number, random: PythonRandom): { upper: number; text: string } {
  const tens = TENS.filter((ten) => ten > price).slice(0, LIMITS_TO_DRAW_FROM);
  if (tens.length < 2) return { upper: NO_LIMIT, text: "" };
  const upper = Math.max(...random.pair(tens));
  return { upper, text: `, and price lower than ${upper.toFixed(2)} dollars` };
}

type Pair = readonly [name: string, value: string];

/** Every choice of one value per option; names in alphabetical order, the last varying fastest. */
function combinations(options: readonly (readonly [string, readonly string[]])[]): Pair[][] {
  let chosen: Pair[][] = [[]];
  for (const [name, values] of [...options].sort(([a], [b]) => (a < b ? -1 : 1))) {
    chosen = chosen.flatMap((pairs) => values.map((value): Pair[] => [...pairs, [name, value]]));
  }
  return chosen;
}

/** Rare attributes make a goal likelier to be drawn. */
function weighted(goals: readonly Unweighted[]): Goal[] {
  const counts = new Map<string, number>();
  for (const { attributes } of goals) {
    for (const one of attributes) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  return goals.map((goal) => {
    const sum = goal.attributes.reduce((total, one) => total + 1 / (counts.get(one) as number), 0);
    return { ...goal, weight: sum / goal.attributes.length };
  });
}

/**
 * The position that the original draws for a point in [0, 1): its sums begin with 0 and the position is not
 * corrected, so the first goal is never drawn and each has the weight of the one before it.
 */
export function drawByWeight(goals: readonly Goal[], point: number): number {
  const total = goals.reduce((sum, { weight }) => sum + weight, 0);
  let bound = 0;
  let position = 0;
  while (position < goals.length && bound <= point * total) {
    bound += goals[position]!.weight;
    position++;
  }
  return Math.min(position, goals.length - 1);
}

/** The options of a goal as pairs; a value alone has no name. */
export function pairsOf(options: readonly GoalOption[]): readonly (readonly [string, string])[] {
  return options.map((option) => (typeof option === "string" ? ["", option] : option));
}
