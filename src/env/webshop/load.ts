/** Reads a real catalogue and what belongs to it; draws what the original draws. */
import { UserError } from "../../core/errors.ts";
import { readAnnotations, readHumanInstructions } from "./annotations.ts";
import { type Draws, drawGoals, drawHumanGoals, drawPrices } from "./draws.ts";
import { type DataFiles, findDataFiles } from "./files.ts";
import type { Goal, Instruction } from "./goal.ts";
import { readElements } from "./json-elements.ts";
import { buildProductIndex, ProductSearch } from "./product-search.ts";
import { readGoals, readPrices } from "./recorded.ts";
import { openSavedIndex } from "./saved-index.ts";
import type { Shop } from "./shop.ts";
import { type Note, noteStrangers, takeStock } from "./stock.ts";

export type GoalKind = "synthetic" | "human";

export interface ShopOptions {
  readonly goals: GoalKind;
  /** Of the prices, the limits and the order of goals; published lists have 233. */
  readonly seed: number;
  /** A file with the index of this catalogue; where it is not there, an index is built. */
  readonly index?: string | undefined;
}

/** @throws UserError naming the file, the product and the field that is wrong */
export function loadShop(path: string, options: ShopOptions, note: Note): Shop {
  const files = findDataFiles(path, options.seed);
  const saved = openSavedIndex(options.index);
  const { attributes, instructions } = readAnnotations(files.attributes);
  const entries = readElements(files.items, "array", "product");
  const catalogue = takeStock(entries, attributes, files.items, note);
  noteStrangers(note, attributes.keys(), catalogue, files.attributes);
  const prices = files.prices
    ? readPrices(files.prices, catalogue)
    : drawPrices(catalogue, options.seed);
  const draws = { catalogue, prices, seed: options.seed };
  const goals =
    options.goals === "human"
      ? loadHumanGoals(files, draws, note)
      : loadGoals(files, draws, instructions);
  const index = saved ?? buildProductIndex(catalogue);
  return { catalogue, prices, goals, search: new ProductSearch(catalogue, index, options.index) };
}

function loadGoals(
  files: DataFiles,
  draws: Draws,
  instructions: ReadonlyMap<string, Instruction>,
): readonly Goal[] {
  const goals = files.goals
    ? readGoals(files.goals, draws.catalogue, draws.prices)
    : drawGoals(draws, instructions);
  return someOf(goals, files.goals ?? files.attributes, files);
}

function loadHumanGoals(files: DataFiles, draws: Draws, note: Note): readonly Goal[] {
  if (files.human === undefined) {
    throw new UserError(`${files.items}: goals=human needs items_human_ins.json beside it`);
  }
  const written = readHumanInstructions(files.human);
  noteStrangers(note, written.keys(), draws.catalogue, files.human);
  return someOf(drawHumanGoals(draws, written), files.human, files);
}

function someOf(goals: readonly Goal[], source: string, { items }: DataFiles): readonly Goal[] {
  if (goals.length > 0) return goals;
  throw new UserError(`${source}: no goal for any product of ${items}`);
}
