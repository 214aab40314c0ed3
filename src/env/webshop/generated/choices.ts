/** The options of a product with their values. */

import { pickWeighted } from "../../../core/draws.ts";
import type { Random } from "../../../core/random.ts";
import { happens, logNormal, pick } from "./chance.ts";
import type { Lexicon, OptionSet, Shelf } from "./lexicon.ts";

export interface Choice {
  readonly name: string;
  /** Absent for an option of which the shop knows the name alone. */
  readonly values?: readonly string[];
}

/** How likely none, one, two and three options are. */
const COUNTS: Readonly<Record<string, readonly number[]>> = {
  beauty: [0.59, 0.34, 0.07, 0],
  electronics: [0.73, 0.235, 0.035, 0],
  garden: [0.44, 0.36, 0.185, 0.015],
  fashion: [0.175, 0.06, 0.7, 0.065],
  grocery: [0.735, 0.19, 0.075, 0],
};
const WITHOUT_VALUES = 0.13;
/** How many values an option has. */
const FEWEST_VALUES = 2;
const VALUES = { fashion: { median: 5.1, spread: 0.8 }, other: { median: 3.2, spread: 0.85 } };
/** Sellers who number their colors; a number glued to a color makes goals that cannot score 1. */
const NUMBERED = 0.05;

export function drawChoices(random: Random, { numberedColors }: Lexicon, shelf: Shelf): Choice[] {
  const count = pickWeighted(random, COUNTS[shelf.department] as readonly number[]);
  const sets = count === 1 ? [pick(random, shelf.options)] : shelf.options.slice(0, count);
  const { median, spread } = shelf.department === "fashion" ? VALUES.fashion : VALUES.other;
  return sets.map((set) => {
    const { name } = set;
    if (happens(random, WITHOUT_VALUES)) return { name };
    const wanted = logNormal(random, median, spread);
    const isNumbered = set.key === "color-wear" && happens(random, NUMBERED);
    return { name, values: drawValues(random, isNumbered ? numberedColors : set, wanted) };
  });
}

function drawValues(
  random: Random,
  { values, isRun }: OptionSet,
  wanted: number,
): readonly string[] {
  const count = Math.min(Math.max(FEWEST_VALUES, Math.round(wanted)), values.length);
  if (!isRun) return random.sample(values, count);
  const first = random.integer(values.length - count + 1);
  return values.slice(first, first + count);
}
