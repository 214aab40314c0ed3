import { describe, expect, test } from "bun:test";
import { recipeBook, recipeLine } from "../../../src/env/textcraft/recipe-book.ts";
import type { WrittenRecipe } from "../../../src/env/textcraft/recipes.ts";
import { embeddedRecipes, parseRecipe } from "../../../src/env/textcraft/table.ts";

const book = recipeBook(embeddedRecipes());

test("sorted reading gives 544 craftable items, 39 tags with recipes, 676 items, 23 tags", () => {
  const sizes = [book.ofItem.size, book.ofTag.size, book.items.size, book.tags.size];
  expect(sizes).toEqual([544, 39, 676, 23]);
});

test("125, 291, 117 and 11 items have depth 1, 2, 3 and 4", () => {
  const counts = [0, 0, 0, 0, 0, 0];
  for (const item of book.ofItem.keys()) counts[book.depth(item)]! += 1;
  expect(counts).toEqual([0, 125, 291, 117, 11, 0]);
});

test("a tag has the depth of its shallowest item, a raw item depth 0", () => {
  expect(book.depth("minecraft:planks")).toBe(1);
  expect(book.depth("minecraft:bamboo")).toBe(0);
});

const read = (...lines: string[]) => recipeBook(lines.map(parseRecipe));

describe("the cycle rule", () => {
  test("keeps the first of two recipes that undo each other", () => {
    const [ingot, nugget] = ["ingot=9 nugget", "nugget*9=1 ingot"];
    expect(read(ingot as string, nugget as string).recipes.map(({ line }) => line)).toEqual([
      "craft 1 ingot using 9 nugget",
    ]);
    expect(read(nugget as string, ingot as string).recipes.map(({ line }) => line)).toEqual([
      "craft 9 nugget using 1 ingot",
    ]);
  });

  test("sees dependencies through other items, as far as they have been read", () => {
    expect(read("b=1 a", "c=1 b", "a=1 c").ofItem.has("minecraft:a")).toBe(false);
    // Read in this order, `c` does not yet depend on `a` when `a=1 c` arrives.
    expect(read("c=1 b", "a=1 c", "b=1 a").ofItem.has("minecraft:b")).toBe(false);
  });

  test("on the real table it skips what makes ingots into nuggets", () => {
    expect(book.ofItem.has("minecraft:iron_nugget")).toBe(false);
    expect(book.ofItem.has("minecraft:iron_ingot")).toBe(true);
  });
});

test("a single ingredient that ends in _block drops the recipe but not the item", () => {
  const { ofItem, items } = read("coal*9=1 coal_block", "lamp=1 gold_block;1 dust");
  expect([...ofItem.keys()]).toEqual(["minecraft:lamp"]);
  expect(items.has("minecraft:coal")).toBe(true);
});

test("a group is a tag unless it is spelled like its item", () => {
  const { tags, tagOf } = read("oak_boat@boat=5 wood", "stick@stick=2 bamboo");
  expect([...tags]).toEqual(["minecraft:boat"]);
  expect([...tagOf]).toEqual([["minecraft:oak_boat", "minecraft:boat"]]);
});

test("a tag ingredient that nothing crafts becomes an item of that name", () => {
  const { items, tags, recipes } = read("fire=3 #logs;1 #planks", "oak_planks@planks=1 oak");
  expect(items.has("minecraft:logs")).toBe(true);
  expect([...tags]).toEqual(["minecraft:planks"]);
  expect(recipes[0]?.ingredients.map(({ isTag }) => isTag)).toEqual([false, true]);
});

test("a cycle through a tag has a depth all the same", () => {
  const { depth } = read("a@kind=1 #kind", "b@kind=1 dirt");
  expect([depth("minecraft:b"), depth("minecraft:kind"), depth("minecraft:a")]).toEqual([1, 1, 2]);
});

test("a recipe line names amounts, items and tags in their order", () => {
  const recipe: WrittenRecipe = parseRecipe("oak_sign*3@sign=6 oak_planks;1 stick");
  expect(recipeLine(recipe)).toBe("craft 3 oak sign using 6 oak planks, 1 stick");
});
