import { describe, expect, test } from "bun:test";
import { taskListHash } from "../../../src/env/task-list.ts";
import { Catalogue } from "../../../src/env/webshop/catalogue.ts";
import type { Goal } from "../../../src/env/webshop/goal.ts";
import { cleanProduct } from "../../../src/env/webshop/product.ts";
import type { Shop } from "../../../src/env/webshop/shop.ts";
import { splitOfProduct, splitsOf, taskIds } from "../../../src/env/webshop/tasks.ts";
import { WebShop } from "../../../src/env/webshop/world.ts";
import { DATA, HAS_DATA } from "./data.ts";
import { entry, littleShop } from "./little-shop.ts";

const CLEAN = ["train", "validation", "test"] as const;
const targetsOf = (tasks: readonly string[] = []) =>
  new Set(tasks.map((task) => task.split("/")[1]));

describe("a task", () => {
  const world = littleShop();
  const all = world.splits.all as readonly string[];

  test("is named by its number, with its target or without", () => {
    expect(all[3]).toMatch(/^3\/(B00000000[12]|C100)$/);
    expect(world.start(all[3]!, 0).task).toBe(all[3]!);
    expect(world.start("3", 0).task).toBe(all[3]!);
  });

  test.each([
    ["-1", /no task "-1" \(allowed: 0 to \d+, such as 0\/\w+, or random\)/],
    ["99", /no task "99" \(allowed/],
    ["0/B000000009", /task 0 of this catalogue is 0\//],
    ["human-0", /task 0 of this catalogue is 0\//],
    ["0/", /task 0 of this catalogue is 0\//],
    ["constructor", /no task "constructor"/],
  ])("%p is refused", (task, message) => {
    expect(() => world.start(task, 0)).toThrow(message);
  });

  test("drawn at random depends on the seed alone", () => {
    const draw = (seed: number) => world.start("random", seed).task;
    expect(draw(7)).toBe(draw(7));
    expect(new Set(Array.from({ length: 40 }, (_, seed) => draw(seed))).size).toBeGreaterThan(2);
  });
});

test("a product's asin alone decides its split, 70, 15 and 15 per cent", () => {
  const asins = Array.from({ length: 3000 }, (_, i) => `B${1_000_000 + i}`);
  const counts = { train: 0, validation: 0, test: 0 };
  for (const asin of asins) counts[splitOfProduct(asin)]++;
  // Fifteen per cent each are held out; four standard deviations of 3,000 are 78.
  expect(Math.abs(counts.validation - 450)).toBeLessThan(78);
  expect(Math.abs(counts.test - 450)).toBeLessThan(78);
  expect(asins.slice(0, 6).map(splitOfProduct)).toMatchInlineSnapshot(`
    [
      "validation",
      "train",
      "test",
      "train",
      "train",
      "train",
    ]
  `);
});

describe("the names of published lists", () => {
  const clean = ["train", "validation", "test", "heldout", "all"];
  const others = (splits: object) => Object.keys(splits).filter((name) => !clean.includes(name));
  const listOf = (length: number): Pick<Shop, "catalogue" | "goals"> => {
    const catalogue = new Catalogue();
    catalogue.add(cleanProduct(entry("B1", "Pot"), [], "here"));
    return { catalogue, goals: Array<Goal>(length).fill({ target: 0 } as Goal) };
  };

  test("are not given to a little list, nor to the generated shop's, of either kind of goals", () => {
    expect(others(littleShop().splits)).toEqual([]);
    expect(others(new WebShop().splits)).toEqual([]);
    expect(others(new WebShop({ option: { goals: "human" } }).splits)).toEqual([]);
  });

  test("are not given to other goals, however many there are", () => {
    const shop = listOf(6910) as Shop;
    const ids = taskIds(shop, "synthetic");
    expect(others(splitsOf(shop, ids, { goals: "synthetic", seed: 233 }))).toEqual([]);
  });

  test("of WebShop are given to the 12,087 goals that people wrote, in the order of seed 233", () => {
    const named = (length: number, seed: number) => {
      const shop = listOf(length) as Shop;
      const splits = splitsOf(shop, taskIds(shop, "human"), { goals: "human", seed });
      return others(splits).map((name) => [name, splits[name]!.length]);
    };
    expect(named(12_087, 233)).toEqual([
      ["webshop-test", 500],
      ["webshop-validation", 1000],
      ["webshop-train", 10_587],
    ]);
    expect(named(12_087, 5)).toEqual([]);
    expect(named(12_086, 233)).toEqual([]);
  });

  test.skipIf(!HAS_DATA)("are not given to the real catalogue's goals in another order", () => {
    expect(others(new WebShop({ data: DATA, option: { seed: "5" } }).splits)).toEqual([]);
    expect(others(new WebShop({ data: DATA, option: { goals: "human" } }).splits)).toEqual([]);
  });
});

describe.skipIf(!HAS_DATA)("the real catalogue", () => {
  const world = HAS_DATA ? new WebShop({ data: DATA }) : undefined;
  const splits = world?.splits ?? {};

  test("train, validation and test share no target product, and have every goal", () => {
    const targets = CLEAN.map((name) => targetsOf(splits[name]));
    const together = new Set(targets.flatMap((set) => [...set]));
    expect(together.size).toBe(415);
    expect(targets.reduce((sum, { size }) => sum + size, 0)).toBe(415);
    const sizes = CLEAN.map((name) => splits[name]!.length);
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(6910);
    expect(splits.heldout).toEqual([...splits.validation!, ...splits.test!].sort(byNumber));
  });

  test("WebShop's and verl-agent's lists are ranges of the numbers", () => {
    const ends = [
      "webshop-test",
      "webshop-validation",
      "webshop-train",
      "verl-validation",
      "verl-train",
    ];
    const ranges = ends.map((name) => {
      const numbers = splits[name]!.map((task) => Number(task.split("/")[0]));
      return [numbers[0], numbers.at(-1), numbers.length];
    });
    expect(ranges).toEqual([
      ...[
        [0, 499, 500],
        [500, 1499, 1000],
        [1500, 6909, 5410],
      ],
      ...[
        [0, 499, 500],
        [500, 6909, 6410],
      ],
    ]);
  });

  test("the leak is in verl-agent's lists only", () => {
    const leaked = (held: string, trained: string) => {
      const known = targetsOf(splits[trained]);
      return [...targetsOf(splits[held])].filter((target) => known.has(target)).length;
    };
    expect(leaked("verl-validation", "verl-train")).toBeGreaterThan(50);
    expect(leaked("heldout", "train")).toBe(0);
    const { caveats = {} } = world!;
    expect(Object.keys(caveats).sort()).toEqual(
      Object.keys(splits)
        .filter((name) => name.includes("-"))
        .sort(),
    );
    const known = targetsOf(splits["verl-train"]);
    const tasks = splits["verl-validation"]!.filter((task) => known.has(task.split("/")[1]!));
    expect(caveats["verl-validation"]).toStartWith(
      `not held out: ${tasks.length} of its 500 tasks ask for a product that verl-train asks for, too`,
    );
    expect(caveats["verl-train"]).toBe(
      `it leaks into verl-validation: ${tasks.length} of the 500 tasks ask for a product that is in it, too`,
    );
  });

  test("lists have the hashes that they had", () => {
    const hashes = ["all", "train", "validation", "test", "heldout"].map((name) =>
      taskListHash(splits[name]!),
    );
    expect(hashes).toMatchInlineSnapshot(`
      [
        "d0e9df411389",
        "dff31df6c99d",
        "cf3f1cea02e5",
        "4eec8eeb5356",
        "d72fc9e21bbe",
      ]
    `);
  });

  test("kinds are the departments", () => {
    const kinds = new Set(splits.all!.map((task) => world!.kindOf(task)));
    expect([...kinds].sort()).toEqual(["beauty", "electronics", "fashion", "garden", "grocery"]);
  });
});

function byNumber(a: string, b: string): number {
  return Number(a.split("/")[0]) - Number(b.split("/")[0]);
}
