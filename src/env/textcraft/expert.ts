/**
 * Experts. The flawless one replans from the inventory each time and is as short as the planner. The
 * other errs with a given probability at a turn, so that demonstrations also show recoveries: the
 * goal crafted too early (45 %), one item instead of the total (25 %), an item fetched for a
 * distractor (15 %), an empty look at the inventory (10 %), the last command again (5 %). A kind that
 * does not apply leaves its share to the others.
 */
import { invariant } from "../../core/errors.ts";
import { type Random, randomFrom, seedFor } from "../../core/random.ts";
import type { Expert, Mistakes } from "../env.ts";
import type { Planner } from "./planner.ts";
import { type Recipe, type RecipeBook, readable } from "./recipe-book.ts";

/** What an expert looks at. */
export interface Position {
  readonly goal: string;
  readonly held: ReadonlyMap<string, bigint>;
  /** Recipes on show that the goal has no use for. */
  readonly distractors: readonly Recipe[];
}

export function textcraftExpert(planner: Planner, position: Position): Expert {
  return { next: () => nextOf(planner, position).command };
}

function nextOf(planner: Planner, { goal, held }: Position): { command: string; last: string } {
  const plan = planner.plan(goal, held);
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
  let previous: string | undefined;
  return {
    next() {
      const right = nextOf(planner, position);
      const errs = random.uniform() < rate;
      previous = errs ? mistake(random, book, position, right, previous) : right.command;
      return previous;
    },
  };
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
    [45, last === command ? undefined : last],
    [25, one === command ? undefined : one],
    [15, fetchForDistractor(random, book, position)],
    [10, "inventory"],
    [5, previous],
  ];
  const possible = kinds.filter(([, action]) => action !== undefined);
  let point = random.uniform() * possible.reduce((sum, [share]) => sum + share, 0);
  for (const [share, action] of possible) {
    point -= share;
    if (point < 0) return action as string;
  }
  return "inventory";
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

/** The environment supplies the item. */
export function canGet({ items, tags, ofItem, ofTag }: RecipeBook, id: string): boolean {
  return items.has(id) && !tags.has(id) && !ofItem.has(id) && !ofTag.has(id);
}
