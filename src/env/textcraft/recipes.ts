/**
 * Reads vanilla Minecraft recipe files. Input is a directory with a `recipes.json` (file name →
 * recipe), or with one `.json` file per recipe (at its top or in a folder `recipes`). Shaped and
 * shapeless crafting recipes count, every other type is passed over. Of a list of alternatives the
 * first is taken. Reading order is the sorted order of file names, which decides the cycle rule.
 */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { isObject } from "../../core/is-object.ts";
import { parseJson } from "../../core/json-text.ts";
import { readText } from "../../core/text-file.ts";

export interface Ingredient {
  /** Item or tag id with its name space, `minecraft:oak_planks`. */
  readonly name: string;
  readonly isTag: boolean;
  readonly amount: number;
}

/** One recipe as written down, before any rule of the game has been applied. */
export interface WrittenRecipe {
  readonly result: string;
  readonly amount: number;
  readonly group: string | undefined;
  /** In the order of first mention; a name may occur twice (two keys of one pattern). */
  readonly ingredients: readonly Ingredient[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * @throws UserError when the directory holds no recipes, or for the first malformed recipe
 */
export function readRecipes(directory: string): WrittenRecipe[] {
  const found = findRecipes(directory);
  const recipes: WrittenRecipe[] = [];
  for (const [source, value] of found) {
    const recipe = writtenRecipe(source, value);
    if (recipe !== undefined) recipes.push(recipe);
  }
  if (recipes.length === 0) {
    throw new UserError(
      `${directory}: no crafting recipe found`,
      "name a directory with recipes.json or with vanilla recipe files (*.json)",
    );
  }
  return recipes;
}

/** Pairs of (source for messages, parsed JSON), sorted by file name. */
function findRecipes(directory: string): [string, unknown][] {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new UserError(`${directory}: no such directory`);
  }
  const bundle = join(directory, "recipes.json");
  if (existsSync(bundle)) {
    const content = parseFile(bundle);
    if (!isObject(content)) {
      throw new UserError(`${bundle}: expected an object of file name → recipe`);
    }
    return byName(Object.keys(content)).map((name) => [`${bundle}: "${name}"`, content[name]]);
  }
  const inside = join(directory, "recipes");
  const folder = existsSync(inside) && statSync(inside).isDirectory() ? inside : directory;
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return byName(names).map((name) => [join(folder, name), parseFile(join(folder, name))]);
}

/** By code units, so that no machine's locale changes the game. */
function byName(names: string[]): string[] {
  return names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function parseFile(path: string): unknown {
  return parseJson(readText(path), path);
}

/** Undefined for a recipe that is not made on a crafting grid. */
function writtenRecipe(source: string, value: unknown): WrittenRecipe | undefined {
  const fail = (key: string, expected: string, found: unknown): never => {
    const shown = found === undefined ? "nothing" : JSON.stringify(found).slice(0, 60);
    throw new UserError(`${source}: ${key}: expected ${expected}, found ${shown}`);
  };
  if (!isObject(value)) return fail("recipe", "an object", value);
  if (typeof value.type !== "string") return fail("type", "a string", value.type);
  const shaped = value.type === "minecraft:crafting_shaped";
  if (!shaped && value.type !== "minecraft:crafting_shapeless") return undefined;
  const { group } = value;
  if (group !== undefined && typeof group !== "string") return fail("group", "a string", group);
  const ingredients = shaped ? shapedIngredients(value, fail) : shapelessIngredients(value, fail);
  if (ingredients.length === 0) return fail("ingredients", "at least one", []);
  return { ...resultOf(value.result, fail), group, ingredients };
}

type Fail = (key: string, expected: string, found: unknown) => never;

function resultOf(result: unknown, fail: Fail): { result: string; amount: number } {
  if (typeof result === "string") return { result, amount: 1 };
  if (!isObject(result)) return fail("result", "an item id or an object", result);
  if (typeof result.item !== "string") return fail("result.item", "an item id", result.item);
  const amount = result.count ?? 1;
  if (!Number.isSafeInteger(amount) || (amount as number) < 1) {
    return fail("result.count", "a whole number of at least 1", amount);
  }
  return { result: result.item, amount: amount as number };
}

/** Amount = occurrences of the key in the pattern's rows. */
function shapedIngredients(recipe: Json, fail: Fail): Ingredient[] {
  const { pattern, key } = recipe;
  if (!Array.isArray(pattern) || !pattern.every((row) => typeof row === "string")) {
    return fail("pattern", "a list of strings", pattern);
  }
  if (!isObject(key)) return fail("key", "an object", key);
  const grid = pattern.join("");
  return Object.entries(key).map(([symbol, value]) => {
    if (symbol.length !== 1) return fail("key", "single characters", symbol);
    const amount = grid.split(symbol).length - 1;
    if (amount === 0) return fail(`key "${symbol}"`, "a character of the pattern", pattern);
    return { ...ingredientOf(`key "${symbol}"`, value, fail), amount };
  });
}

/** Amount = repetitions in the list. */
function shapelessIngredients(recipe: Json, fail: Fail): Ingredient[] {
  const { ingredients } = recipe;
  if (!Array.isArray(ingredients)) return fail("ingredients", "a list", ingredients);
  const amounts = new Map<string, Ingredient>();
  for (const [position, value] of ingredients.entries()) {
    const one = ingredientOf(`ingredients[${position}]`, value, fail);
    amounts.set(one.name, { ...one, amount: (amounts.get(one.name)?.amount ?? 0) + 1 });
  }
  return [...amounts.values()];
}

function ingredientOf(key: string, value: unknown, fail: Fail): Omit<Ingredient, "amount"> {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (isObject(first)) {
    if (typeof first.item === "string") return { name: first.item, isTag: false };
    if (typeof first.tag === "string") return { name: first.tag, isTag: true };
  }
  return fail(key, 'an object with "item" or "tag"', value);
}
