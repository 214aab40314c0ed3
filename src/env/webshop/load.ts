/** Reads a real catalogue and what belongs to it; draws what the original draws. */
import { existsSync } from "node:fs";
import { UserError } from "../../core/errors.ts";
import { openIndex } from "../../retrieval/index-file.ts";
import type { SearchIndex } from "../../retrieval/search-index.ts";
import { readAnnotations, readGoals, readHumanInstructions, readPrices } from "./annotations.ts";
import { Catalogue } from "./catalogue.ts";
import { type DataFiles, findDataFiles } from "./files.ts";
import { type Goal, humanGoals, type Instruction, syntheticGoals } from "./goal.ts";
import { readElements } from "./json-elements.ts";
import { asinOf, cleanProduct, isListed, NO_ATTRIBUTES } from "./product.ts";
import { PythonRandom } from "./python-random.ts";
import { buildProductIndex, ProductSearch, type Shop } from "./shop.ts";

export type GoalKind = "synthetic" | "human";

export interface LoadOptions {
  readonly goals: GoalKind;
  /** Of the prices, the limits and the order of goals; published lists have 233. */
  readonly seed: number;
  /** A file with the index of this catalogue. */
  readonly index?: string | undefined;
}

type Note = (line: string) => void;

const NAMED = 3;

/** @throws UserError naming the file, the product and the field that is wrong */
export function loadShop(path: string, options: LoadOptions, note: Note): Shop {
  const files = findDataFiles(path, options.seed);
  const { attributes, instructions } = readAnnotations(files.attributes);
  const catalogue = new Catalogue();
  const repeated: string[] = [];
  for (const { value, where } of readElements(files.items, "array", "product")) {
    const asin = asinOf(value, where);
    if (!isListed(asin)) continue;
    if (catalogue.numberOf(asin) !== undefined) repeated.push(asin);
    else catalogue.add(cleanProduct(value, attributes.get(asin) ?? NO_ATTRIBUTES, where));
  }
  if (catalogue.size === 0) throw new UserError(`${files.items}: no product in it`);
  noteSome(note, repeated, `${files.items}: an asin again, skipped`);
  noteStrangers(note, attributes.keys(), catalogue, files.attributes);
  const prices = files.prices
    ? readPrices(files.prices, catalogue)
    : drawPrices(catalogue, options.seed);
  const goals = loadGoals(files, { catalogue, prices, instructions }, options, note);
  const index = openOrBuild(catalogue, options.index);
  const search = new ProductSearch(catalogue, index, options.index);
  return { catalogue, search, prices, goals };
}

/** The single price, or for a range a point between its ends, drawn once. */
export function drawPrices(catalogue: Catalogue, seed: number): number[] {
  const random = new PythonRandom(seed);
  return Array.from(catalogue.asins, (_, number) => {
    const [first = 0, second] = catalogue.product(number).prices;
    return second === undefined ? first : random.uniform(first, second);
  });
}

interface Drawn {
  readonly catalogue: Catalogue;
  readonly prices: readonly number[];
  readonly instructions: ReadonlyMap<string, Instruction>;
}

/** All goals of a catalogue with limits and order drawn. */
export function drawGoals({ catalogue, prices, instructions }: Drawn, seed: number): Goal[] {
  const goals = syntheticGoals(catalogue, prices, instructions, new PythonRandom(seed));
  new PythonRandom(seed).shuffle(goals);
  return goals;
}

function loadGoals(
  files: DataFiles,
  drawn: Drawn,
  { goals: kind, seed }: LoadOptions,
  note: Note,
): readonly Goal[] {
  const { catalogue, prices } = drawn;
  let goals: Goal[];
  if (kind === "human") {
    if (files.human === undefined) {
      throw new UserError(`${files.items}: goals=human needs items_human_ins.json beside it`);
    }
    const written = readHumanInstructions(files.human);
    noteStrangers(note, written.keys(), catalogue, files.human);
    goals = humanGoals(catalogue, prices, written, new PythonRandom(seed));
    new PythonRandom(seed).shuffle(goals);
  } else goals = files.goals ? readGoals(files.goals, catalogue) : drawGoals(drawn, seed);
  if (goals.length > 0) return goals;
  const source = kind === "human" ? files.human : (files.goals ?? files.attributes);
  throw new UserError(`${source}: no goal for any product of ${files.items}`);
}

function openOrBuild(catalogue: Catalogue, path: string | undefined): SearchIndex {
  if (path === undefined) return buildProductIndex(catalogue);
  if (existsSync(path)) return openIndex(path);
  throw new UserError(`${path}: no such index file`, "leave option index out to build one");
}

function noteStrangers(
  note: Note,
  asins: Iterable<string>,
  catalogue: Catalogue,
  file: string,
): void {
  const strangers = [...asins].filter((asin) => catalogue.numberOf(asin) === undefined);
  noteSome(note, strangers, `${file}: not in the catalogue, passed over`);
}

function noteSome(note: Note, asins: readonly string[], what: string): void {
  if (asins.length === 0) return;
  const rest = asins.length - NAMED;
  const more = rest > 0 ? ` and ${rest} more` : "";
  note(`webshop: ${what}: ${asins.slice(0, NAMED).join(", ")}${more}`);
}
