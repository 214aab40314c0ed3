/**
 * Goals, their splits, and the opening of an episode. A task is a goal item by its readable name
 * ("oak fence") or a published problem ("adapt200/17"). The split hangs on a hash of the goal's name
 * alone: another seed, version or recipe file moves no goal from one split to another.
 */
import { UserError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import { randomFrom, seedFor } from "../../core/random.ts";
import { type Recipe, type RecipeBook, readable } from "./recipe-book.ts";
import type { Problem } from "./table.ts";

export const PANEL = "adapt200";

const TEST_SHARE = 0.2;
const VALIDATION_SHARE = 0.2;
/** Distractors the original draws for one occurrence of an ingredient. */
const DRAWN_PER_INGREDIENT = 10;

/** Item ids that can be crafted, by depth and then reading order: AgentGym's numbering. */
export function goalsOf(book: RecipeBook): string[] {
  return [...book.ofItem.keys()]
    .filter((item) => Number.isFinite(book.depth(item)))
    .sort((a, b) => book.depth(a) - book.depth(b));
}

/** Which split a goal (by readable name) belongs to. */
export function splitOf(goal: string): "train" | "validation" | "test" {
  const place = seedFor(0, "split", goal) / 2 ** 32;
  if (place < TEST_SHARE) return "test";
  return place < TEST_SHARE + VALIDATION_SHARE ? "validation" : "train";
}

/** The recipes reachable downwards from an item, nearest to it first. */
export function recipesBelow(book: RecipeBook, goal: string): Recipe[] {
  const names = new Set([goal]);
  const recipes = new Set<Recipe>();
  for (const name of names) {
    for (const recipe of book.ofItem.get(name) ?? book.ofTag.get(name) ?? []) {
      recipes.add(recipe);
      for (const ingredient of recipe.ingredients) names.add(ingredient.name);
    }
  }
  return [...recipes];
}

/** Ingredient (item or tag) → the recipes that use it. */
export function usesOf(book: RecipeBook): Map<string, Recipe[]> {
  const uses = new Map<string, Recipe[]>();
  for (const recipe of book.recipes) {
    for (const { name } of recipe.ingredients) {
      const users = uses.get(name);
      if (users === undefined) uses.set(name, [recipe]);
      else users.push(recipe);
    }
  }
  return uses;
}

/** The recipe lines an episode shows: all that the goal may need and some that it does not, shuffled. */
export function drawLines(
  needed: readonly Recipe[],
  uses: ReadonlyMap<string, readonly Recipe[]>,
  distractors: number,
  seed: number,
): string[] {
  const random = randomFrom(seed);
  const lines = new Set(needed.map(({ line }) => line));
  const others = new Set<string>();
  for (const { ingredients } of needed) {
    for (const { name } of ingredients) {
      for (const { line } of random.sample(uses.get(name) ?? [], DRAWN_PER_INGREDIENT)) {
        if (!lines.has(line)) others.add(line);
      }
    }
  }
  return random.shuffle([...lines, ...random.sample([...others], distractors)]);
}

export function openingText(goal: string, lines: readonly string[]): string {
  return `Crafting commands:\n${lines.join("\n")}\n\nGoal: craft ${readable(goal)}.`;
}

/** What a task name stands for. */
export type Task = { readonly goal: string } | { readonly problem: Problem };

/**
 * Accepts a goal by readable name or id, a published problem as "adapt200/17", or just its number.
 * @throws UserError naming the nearest goal
 */
export function findTask(
  task: string,
  goals: ReadonlyMap<string, string>,
  problems: readonly Problem[],
): Task {
  const number = new RegExp(`^(?:${PANEL}/)?([0-9]+)$`).exec(task)?.[1];
  if (number !== undefined) {
    const problem = problems[Number(number)];
    if (problem !== undefined) return { problem };
    const range = problems.length === 0 ? "this data has none" : `0 to ${problems.length - 1}`;
    throw new UserError(`textcraft: no published problem ${number} (${range})`);
  }
  const name = readable(task);
  const goal = goals.get(name);
  if (goal !== undefined) return { goal };
  const hint = didYouMean(name, goals.keys());
  throw new UserError(
    `textcraft: no task "${task}" (allowed: ${goals.size} craftable items, ${PANEL}/N)`,
    hint === "" ? "`empg play textcraft` without --task picks one" : hint,
  );
}
