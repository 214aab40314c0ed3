import { describe, expect, test } from "bun:test";
import { readAnnotations } from "../../../src/env/webshop/annotations.ts";
import { drawGoals } from "../../../src/env/webshop/draws.ts";
import { drawByWeight, type Goal, NO_LIMIT } from "../../../src/env/webshop/goal.ts";
import { loadShop } from "../../../src/env/webshop/load.ts";
import { DATA, HAS_DATA, readShared, realShop, SEED } from "./data.ts";
import { choices, entry, littleShop } from "./little-shop.ts";

const one = (pricing: string, options: Readonly<Record<string, readonly string[]>> = {}) => {
  const world = littleShop(
    {},
    {
      entries: [entry("B1", "A pot", { pricing, customization_options: choices(options) })],
      attributes: {
        B1: {
          attributes: ["soft"],
          instruction: "Find me a pot",
          instruction_attributes: ["soft"],
        },
      },
    },
  );
  return world.splits.all!.map((task) => world.start(task, 0).goal);
};

describe("synthetic goals", () => {
  test("one for every combination of values, names in alphabetical order", () => {
    const texts = one("$5.00", { Size: ["S", "L"], Color: ["Red", "Blue", "Green"] }).map(
      ({ text }) => text,
    );
    const told = texts.map(
      (text) => /^Find me a pot with (.*), and price lower than/.exec(text)?.[1],
    );
    const expected = ["red", "blue", "green"].flatMap((color) =>
      ["s", "l"].map((size) => `color: ${color}, and size: ${size}`),
    );
    expect(told.sort()).toEqual(expected.sort());
  });

  test("have no price clause where fewer than two tens are above the price", () => {
    expect(one("$980.00")[0]).toMatchObject({ priceUpper: NO_LIMIT, text: "Find me a pot" });
    expect(one("$979.99")[0]).toMatchObject({ priceUpper: 990 });
    expect(one("$979.99")[0]!.text).toBe("Find me a pot, and price lower than 990.00 dollars");
  });

  test("are limited to the second, third or fourth ten above the price, with 1, 2 and 3 sixths", () => {
    const counts = new Map<number, number>();
    const entries = Array.from({ length: 600 }, (_, i) =>
      entry(`A${i}`, "A pot", { pricing: "$10.00" }),
    );
    const about = {
      attributes: ["soft"],
      instruction: "Find me a pot",
      instruction_attributes: ["soft"],
    };
    const attributes = Object.fromEntries(entries.map(({ asin }) => [asin, about]));
    const world = littleShop({}, { entries, attributes });
    for (const task of world.splits.all!) {
      const { priceUpper } = world.start(task, 0).goal;
      counts.set(priceUpper, (counts.get(priceUpper) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([30, 40, 50]);
    // Three standard deviations of 600 draws are 37 at most.
    expect(Math.abs(counts.get(30)! - 100)).toBeLessThan(37);
    expect(Math.abs(counts.get(40)! - 200)).toBeLessThan(37);
    expect(Math.abs(counts.get(50)! - 300)).toBeLessThan(37);
  });
});

test("of a product with more combinations than can be held none is made", () => {
  const values = Array.from({ length: 10 }, (_, i) => `value ${i}`);
  const options = Object.fromEntries([..."abcdefghij"].map((name) => [name, values]));
  expect(() => one("$5.00", options)).toThrow(
    "more than 2000000 synthetic goals, 10000000000 of them for B1",
  );
});

describe("goals that people wrote", () => {
  const human = {
    B000000001: [
      {
        instruction: "..i need a scarf.",
        instruction_attributes: ["warm"],
        instruction_options: ["red"],
      },
      { instruction: "i want nothing", instruction_attributes: [], instruction_options: [] },
    ],
    B000000009: [
      { instruction: "i need it", instruction_attributes: ["warm"], instruction_options: [] },
    ],
  };

  test("lose their outer dots, weigh 1 each; those without attributes or product are passed over", () => {
    const notes: string[] = [];
    const world = littleShop({ goals: "human" }, { human }, (line) => notes.push(line));
    expect(world.splits.all).toEqual(["human-0/B000000001"]);
    const { goal } = world.start("human-0", 0);
    expect(goal.text).toMatch(/^i need a scarf, and price lower than [345]0\.00 dollars$/);
    expect(goal).toMatchObject({ options: ["red"], attributes: ["warm"], weight: 1 });
    expect(notes.join()).toMatch(
      /items_human_ins\.json: not in the catalogue, passed over: B000000009$/,
    );
  });
});

test("by weight: goal 0 is never drawn, each has its predecessor's weight, the last its own as well", () => {
  const goals = [1, 2, 3, 4].map((weight) => ({ weight }) as Goal);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 1000; i++) counts[drawByWeight(goals, (i + 0.5) / 1000)]!++;
  expect(counts).toEqual([0, 100, 200, 700]);
  expect(drawByWeight(goals, 0)).toBe(1);
  expect(drawByWeight(goals.slice(0, 1), 0.5)).toBe(0);
});

describe.skipIf(!HAS_DATA)("the real goals", () => {
  interface Recorded {
    readonly asin: string;
    readonly instruction_text: string;
    readonly attributes: readonly string[];
    readonly goal_options: Readonly<Record<string, string>>;
    readonly price_upper: number;
    readonly weight: number;
  }

  test("all 6,910 of seed 233, drawn here, are the recorded ones with texts, limits and weights", () => {
    const { catalogue, prices } = realShop();
    const { instructions } = readAnnotations(`${DATA}/items_ins_v2_1000.json`);
    const drawn = drawGoals({ catalogue, prices, seed: SEED }, instructions);
    const recorded = readShared<Recorded[]>("goals_synthetic_1000_seed233.json.gz");
    expect(recorded).toHaveLength(6910);
    const ours = drawn.map((goal) => ({
      asin: catalogue.asins[goal.target],
      instruction_text: goal.text,
      attributes: goal.attributes,
      goal_options: Object.fromEntries(goal.options as [string, string][]),
      price_upper: goal.priceUpper,
      weight: goal.weight,
    }));
    expect(ours).toEqual(
      recorded.map(({ asin, instruction_text, attributes, goal_options, price_upper, weight }) => ({
        ...{ asin, instruction_text, attributes, goal_options, price_upper, weight },
      })),
    );
  });

  test("415 targets, one with 558 goals; 185 goals without options, 538 with one, 4,729 with two, 1,458 with three", () => {
    const { catalogue, goals } = realShop();
    const byTarget = Map.groupBy(goals, ({ target }) => target);
    expect(byTarget.size).toBe(415);
    expect(Math.max(...[...byTarget.values()].map(({ length }) => length))).toBe(558);
    const counts = [0, 1, 2, 3].map(
      (n) => goals.filter(({ options }) => options.length === n).length,
    );
    expect(counts).toEqual([185, 538, 4729, 1458]);
    expect(goals.filter(({ priceUpper }) => priceUpper === NO_LIMIT)).toHaveLength(15);
    const target = (goal: number) => catalogue.asins[goals[goal]!.target];
    expect([0, 1, 11].map(target)).toEqual(["B0743JKHBV", "B09QCP4579", "B09R9YCM6R"]);
  });

  test("the target is always within its limit", () => {
    const { goals, prices } = realShop();
    expect(goals.every(({ target, priceUpper }) => prices[target]! <= priceUpper)).toBe(true);
  });

  test("people wrote 13", () => {
    const { goals } = loadShop(DATA, { goals: "human", seed: SEED }, () => {});
    expect(goals).toHaveLength(13);
    expect(goals.every(({ weight }) => weight === 1)).toBe(true);
  });
});
