/**
 * Experts. The flawless one replans from the inventory each time and is as short as the planner. The
 * other plays as people do: it takes any of the equally short ways, in three episodes of ten it fetches
 * twice of everything, and it errs with a given probability at a turn, so that demonstrations also show
 * recoveries: the goal crafted too early (35 %), one item instead of the total (25 %), an item fetched
 * for a distractor (20 %), a distractor crafted (9 %), a word left out (6 %), the last command again
 * (5 %). A kind that does not apply leaves its share to the others.
 */
import { drawWeighted } from "../../core/draws.ts";
import { invariant } from "../../core/errors.ts";
import { type Random, randomFrom, seedFor } from "../../core/random.ts";
import type { Expert, Mistakes } from "../env.ts";
import { craftCommand, type Planner } from "./planner.ts";
import { type Recipe, type RecipeBook, readable } from "./recipe-book.ts";

/** What an expert looks at. */
export interface Position {
  readonly goal: string;
  readonly held: ReadonlyMap<string, bigint>;
  /** Recipes on show that the goal has no use for. */
  readonly distractors: readonly Recipe[];
}

const GENEROUS = 0.3;

export function textcraftExpert(planner: Planner, position: Position): Expert {
  return { next: () => nextOf(planner, position).command };
}

function nextOf(
  planner: Planner,
  { goal, held }: Position,
  random?: Random,
): { command: string; last: string } {
  const plan = planner.plan(goal, held, random);
  const command = plan?.[0];
  const last = plan?.at(-1);
  invariant(command !== undefined && last !== undefined, `no way to craft ${goal}`);
  return { command, last };
}

export function erringExpert(
  planner: Planner,
  book: RecipeBook,
  position: Position,
  { rate, seed }: Mistakes,
): Expert {
  const random = randomFrom(seedFor(seed, "mistakes"));
  const generous = random.uniform() < GENEROUS;
  let previous: string | undefined;
  return {
    next() {
      const right = nextOf(planner, position, random);
      const errs = random.uniform() < rate;
      if (errs) previous = mistake(random, book, position, right, previous);
      else previous = generous ? twice(right.command) : right.command;
      return previous;
    },
  };
}

/** A `get` of twice as many; any other command as it is. */
function twice(command: string): string {
  return command.replace(/^get (\d+) /, (_, amount) => `get ${2 * Number(amount)} `);
}

function mistake(
  random: Random,
  book: RecipeBook,
  position: Position,
  { command, last }: { command: string; last: string },
  previous: string | undefined,
): string {
  const one = command.replace(/^get \d+ /, "get 1 ");
  const kinds: (readonly [number, string | undefined])[] = [
    [35, last === command ? undefined : last],
    [25, one === command ? undefined : one],
    [20, fetchForDistractor(random, book, position)],
    [9, craftDistractor(random, position)],
    [6, withoutOneWord(random, command)],
    [5, previous],
  ];
  const possible = kinds.filter(([, action]) => action !== undefined);
  return drawWeighted(random, possible) ?? command;
}

function fetchForDistractor(
  random: Random,
  book: RecipeBook,
  { distractors }: Position,
): string | undefined {
  const [recipe] = random.sample(distractors, 1);
  const raw = recipe?.ingredients.filter(({ name, isTag }) => !isTag && canGet(book, name));
  const [ingredient] = random.sample(raw ?? [], 1);
  return ingredient && `get ${ingredient.amount} ${readable(ingredient.name)}`;
}

function craftDistractor(random: Random, { distractors }: Position): string | undefined {
  const [recipe] = random.sample(distractors, 1);
  const inputs = recipe?.ingredients.map(({ name, amount }) => ({ item: name, amount }));
  return recipe && craftCommand(recipe, inputs ?? []);
}

function withoutOneWord(random: Random, command: string): string {
  const words = command.split(" ");
  words.splice(random.integer(words.length), 1);
  return words.join(" ");
}

/** The environment supplies the item. */
export function canGet({ items, tags, ofItem, ofTag }: RecipeBook, id: string): boolean {
  return items.has(id) && !tags.has(id) && !ofItem.has(id) && !ofTag.has(id);
}
