/** What the original draws when it starts: charged prices, then price limits, then the order of the goals. */
import type { Catalogue } from "./catalogue.ts";
import {
  type Goal,
  type HumanInstruction,
  humanGoals,
  type Instruction,
  syntheticGoals,
} from "./goal.ts";
import { PythonRandom } from "./python-random.ts";

/** Each of the three draws begins with the same seed. */
export interface Draws {
  readonly catalogue: Catalogue;
  readonly prices: readonly number[];
  readonly seed: number;
}

/** The single price, or for a range a point between its ends, drawn once. */
export function drawPrices(catalogue: Catalogue, seed: number): number[] {
  const random = new PythonRandom(seed);
  return Array.from(catalogue.asins, (_, number) => {
    const [first, second] = catalogue.pricesOf(number);
    return second === undefined ? first : random.uniform(first, second);
  });
}

export function drawGoals(
  { catalogue, prices, seed }: Draws,
  instructions: ReadonlyMap<string, Instruction>,
): Goal[] {
  const goals = syntheticGoals(catalogue, prices, instructions, new PythonRandom(seed));
  new PythonRandom(seed).shuffle(goals);
  return goals;
}

export function drawHumanGoals(
  { catalogue, prices, seed }: Draws,
  instructions: ReadonlyMap<string, readonly HumanInstruction[]>,
): Goal[] {
  const goals = humanGoals(catalogue, prices, instructions, new PythonRandom(seed));
  new PythonRandom(seed).shuffle(goals);
  return goals;
}
