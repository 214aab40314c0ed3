import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTable } from "../../../src/env/textcraft/make-table.ts";
import { readRecipes } from "../../../src/env/textcraft/recipes.ts";
import { embeddedProblems, embeddedRecipes } from "../../../src/env/textcraft/table.ts";
import { DATA, HAS_DATA, recordedProblems } from "./data.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "recipes-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes files into a fresh directory and reads it. */
async function read(files: Readonly<Record<string, unknown>>) {
  const directory = mkdtempSync(join(folder, "data-"));
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    await Bun.write(join(directory, name), text);
  }
  return readRecipes(directory);
}

const SHAPED = {
  type: "minecraft:crafting_shaped",
  group: "sign",
  pattern: ["###", " X "],
  key: { "#": [{ tag: "minecraft:planks" }, { item: "minecraft:stone" }], X: { item: "m:stick" } },
  result: { item: "minecraft:oak_sign", count: 3 },
};
const SHAPELESS = {
  type: "minecraft:crafting_shapeless",
  ingredients: [{ item: "m:a" }, { item: "m:b" }, { item: "m:a" }],
  result: "m:c",
};

describe("reading", () => {
  test("a pattern gives amounts by occurrence, a list its first alternative", async () => {
    const [recipe] = await read({ "recipes.json": { "sign.json": SHAPED } });
    expect(recipe).toEqual({
      result: "minecraft:oak_sign",
      amount: 3,
      group: "sign",
      ingredients: [
        { name: "minecraft:planks", isTag: true, amount: 3 },
        { name: "m:stick", isTag: false, amount: 1 },
      ],
    });
  });

  test("a shapeless list gives amounts by repetition, in first-seen order", async () => {
    const [recipe] = await read({ "c.json": SHAPELESS });
    expect(recipe?.amount).toBe(1);
    expect(recipe?.ingredients).toEqual([
      { name: "m:a", isTag: false, amount: 2 },
      { name: "m:b", isTag: false, amount: 1 },
    ]);
  });

  test("single files are read in sorted order, other kinds of recipe passed over", async () => {
    const files = {
      "recipes/b.json": { ...SHAPELESS, result: "m:b2" },
      "recipes/B.json": { ...SHAPELESS, result: "m:B" },
      "recipes/a.json": { type: "minecraft:smelting" },
      "recipes/notes.txt": "ignored",
    };
    expect((await read(files)).map(({ result }) => result)).toEqual(["m:B", "m:b2"]);
  });
});

describe("malformed data is refused with file, key and what was expected", () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["half a file", '{"type": ', "r.json:1: not JSON"],
    ["a list", [], "r.json: recipe: expected an object, found []"],
    ["no type", {}, "r.json: type: expected a string, found nothing"],
    ["no pattern", { ...SHAPED, pattern: "###" }, "pattern: expected a list of strings"],
    ["no key", { ...SHAPED, key: 3 }, "key: expected an object, found 3"],
    [
      "a symbol the pattern lacks",
      { ...SHAPED, key: { "?": { item: "m:a" } } },
      'key "?": expected a character of the pattern',
    ],
    ["no ingredients", { ...SHAPELESS, ingredients: [] }, "ingredients: expected at least one"],
    [
      "a nameless ingredient",
      { ...SHAPELESS, ingredients: [{ item: "m:a" }, {}] },
      'ingredients[1]: expected an object with "item" or "tag", found {}',
    ],
    ["no alternative", { ...SHAPELESS, ingredients: [[]] }, "ingredients[0]: expected an object"],
    ["no result", { ...SHAPELESS, result: null }, "result: expected an item id or an object"],
    [
      "a count of none",
      { ...SHAPELESS, result: { item: "m:a", count: 0 } },
      "result.count: expected a whole number of at least 1, found 0",
    ],
    ["a group that is no word", { ...SHAPELESS, group: 1 }, "group: expected a string, found 1"],
  ];
  test.each(cases)("%s", async (_, content, message) => {
    await expect(read({ "r.json": content })).rejects.toThrow(message);
    await expect(read({ "r.json": content })).rejects.toMatchObject({ name: "UserError" });
  });

  test("a bundle names the recipe inside it", async () => {
    const bundle = { "good.json": SHAPELESS, "bad.json": { type: 1 } };
    const message = 'recipes.json: "bad.json": type: expected a string, found 1';
    await expect(read({ "recipes.json": bundle })).rejects.toThrow(message);
    await expect(read({ "recipes.json": [1] })).rejects.toThrow("expected an object of file name");
  });

  test("a directory that is missing or has no recipe", async () => {
    expect(() => readRecipes(join(folder, "nowhere"))).toThrow("no such directory");
    await expect(read({ "a.txt": "" })).rejects.toThrow("no crafting recipe found");
  });
});

describe.skipIf(!HAS_DATA)("the embedded table", () => {
  test("holds exactly the published recipes", () => {
    expect(embeddedRecipes()).toEqual(readRecipes(DATA));
  });

  test("holds exactly the published problems", async () => {
    const recorded = (await recordedProblems()).map(({ goal, commands }) => ({
      goal: `minecraft:${goal.slice("craft ".length, -1).replaceAll(" ", "_")}`,
      lines: commands,
    }));
    expect(embeddedProblems()).toEqual(recorded);
  });

  test("is what its generator writes", async () => {
    await makeTable(DATA, folder);
    const source = join(import.meta.dir, "../../../src/env/textcraft");
    for (const name of ["recipes.txt", "problems-adapt200.txt"]) {
      const [made, kept] = [join(folder, name), join(source, name)];
      expect(await Bun.file(made).text()).toBe(await Bun.file(kept).text());
    }
  });
});
