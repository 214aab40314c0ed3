/**
 * The rules that turn written recipes into the game's recipe book: `_block` recipes dropped, groups
 * made into tags, cycles broken in reading order, tags without a craftable item made into items.
 */
import type { Ingredient, WrittenRecipe } from "./recipes.ts";

/** A recipe of the game. */
export interface Recipe {
  /** `craft {n} {output} using {n1} {in1}, {n2} {in2}`. */
  readonly line: string;
  /** Item id with its name space. */
  readonly result: string;
  readonly amount: number;
  /** The tag of the result's group; the result's own id when both are spelled alike. */
  readonly tag: string | undefined;
  readonly ingredients: readonly Ingredient[];
}

export interface RecipeBook {
  /** The recipes in force, in reading order. */
  readonly recipes: readonly Recipe[];
  /** Item id → its recipes, in reading order; the keys are the craftable items. */
  readonly ofItem: ReadonlyMap<string, readonly Recipe[]>;
  /** Tag → the recipes of its items. */
  readonly ofTag: ReadonlyMap<string, readonly Recipe[]>;
  /** Ids of everything that can be owned. */
  readonly items: ReadonlySet<string>;
  /** Names that stand for a choice of items and can never be owned. */
  readonly tags: ReadonlySet<string>;
  /** Item id → the tag it can stand in for. */
  readonly tagOf: ReadonlyMap<string, string>;
  /** Crafts at least needed one after another: 0 without a recipe; for items and tags. */
  depth(name: string): number;
}

/** Readable name: without `minecraft:`, underscores as spaces. */
export function readable(id: string): string {
  return id.replaceAll("minecraft:", "").replaceAll("_", " ");
}

/** The recipe as the game shows it. */
export function recipeLine(recipe: WrittenRecipe): string {
  const inputs = recipe.ingredients.map(({ name, amount }) => `${amount} ${readable(name)}`);
  return `craft ${recipe.amount} ${readable(recipe.result)} using ${inputs.join(", ")}`;
}

export function recipeBook(written: readonly WrittenRecipe[]): RecipeBook {
  const items = new Set<string>();
  const tags = new Set<string>();
  const tagOf = new Map<string, string>();
  const kept = breakCycles(written, items, tags, tagOf);

  const craftable = new Set(kept.map(({ recipe }) => recipe.result));
  const craftableTags = new Set<string>();
  for (const [item, tag] of tagOf) if (craftable.has(item)) craftableTags.add(tag);

  const recipes = kept.map(({ recipe, tag }): Recipe => {
    const ingredients = recipe.ingredients.map((ingredient) => {
      if (!ingredient.isTag || craftableTags.has(ingredient.name)) return ingredient;
      tags.delete(ingredient.name);
      items.add(ingredient.name);
      return { ...ingredient, isTag: false };
    });
    const { result, amount } = recipe;
    return { line: recipeLine(recipe), result, amount, tag, ingredients };
  });

  const ofItem = groupBy(recipes, (recipe) => recipe.result);
  const ofTag = groupBy(recipes, (recipe) => recipe.tag);
  const depths = computeDepths(recipes);
  return { recipes, ofItem, ofTag, items, tags, tagOf, depth: (name) => depths.get(name) ?? 0 };
}

/**
 * Reads the recipes one after another and skips each whose result is already a transitive dependency
 * of one of its ingredients. Fills the two name spaces and the tags on the way.
 */
function breakCycles(
  written: readonly WrittenRecipe[],
  items: Set<string>,
  tags: Set<string>,
  tagOf: Map<string, string>,
): { recipe: WrittenRecipe; tag: string | undefined }[] {
  const needs = new Map<string, Set<string>>();
  const kept: { recipe: WrittenRecipe; tag: string | undefined }[] = [];
  for (const recipe of written) {
    const { result, group, ingredients } = recipe;
    for (const { name, isTag } of ingredients) (isTag ? tags : items).add(name);
    items.add(result);
    if (ingredients.length === 1 && ingredients[0]?.name.endsWith("_block")) continue;
    const tag = group === undefined ? undefined : `minecraft:${group}`;
    if (tag !== undefined && tag !== result) {
      tags.add(tag);
      tagOf.set(result, tag);
    }
    const below = needs.get(result) ?? new Set<string>();
    needs.set(result, below);
    if (ingredients.some(({ name }) => needs.get(name)?.has(result))) continue;
    kept.push({ recipe, tag });
    for (const { name } of ingredients) {
      below.add(name);
      for (const deeper of needs.get(name) ?? []) below.add(deeper);
    }
  }
  return kept;
}

function groupBy(
  recipes: readonly Recipe[],
  key: (recipe: Recipe) => string | undefined,
): Map<string, Recipe[]> {
  const groups = new Map<string, Recipe[]>();
  for (const recipe of recipes) {
    const name = key(recipe);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [recipe]);
    else group.push(recipe);
  }
  return groups;
}

/**
 * Minimum over the recipes of 1 + maximum over their ingredients, as a fixed point from infinity
 * down, so that a cycle through tags ends. A name with its own recipes ignores those of its tag.
 */
function computeDepths(recipes: readonly Recipe[]): Map<string, number> {
  const depths = new Map<string, number>();
  const ownRecipes = new Set(recipes.map(({ result }) => result));
  for (const { result, tag } of recipes) {
    depths.set(result, Number.POSITIVE_INFINITY);
    if (tag !== undefined) depths.set(tag, Number.POSITIVE_INFINITY);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const { result, tag, ingredients } of recipes) {
      const depth = 1 + Math.max(...ingredients.map(({ name }) => depths.get(name) ?? 0));
      for (const name of tag === undefined || ownRecipes.has(tag) ? [result] : [result, tag]) {
        if (depth < (depths.get(name) as number)) {
          depths.set(name, depth);
          changed = true;
        }
      }
    }
  }
  return depths;
}
