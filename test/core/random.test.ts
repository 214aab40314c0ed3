import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { randomFrom, seedFor } from "../../src/core/random.ts";

describe("seedFor", () => {
  test("a path's seed never changes between versions", () => {
    expect(seedFor(0)).toMatchInlineSnapshot(`1877378831`);
    expect(seedFor(7, "rollout", 12, 3)).toMatchInlineSnapshot(`2580621`);
  });

  test("the parts of a path keep their borders and their types", () => {
    const seeds = [
      seedFor(1, "a", "b"),
      seedFor(1, "ab"),
      seedFor(1, "a", "b", ""),
      seedFor(1, "b", "a"),
      seedFor(1, 1),
      seedFor(1, "1"),
      seedFor(1, 1.5),
      seedFor(1, 2 ** 40 + 1),
      seedFor(1),
      seedFor(2),
    ];
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(seedFor(1, 0)).toBe(seedFor(1, -0));
  });

  test("neighbouring counters differ in half of their bits, and hardly ever collide", () => {
    const count = 20_000;
    const seeds = new Set<number>();
    let flipped = 0;
    let previous = seedFor(3, "task", -1);
    for (let i = 0; i < count; i++) {
      const seed = seedFor(3, "task", i);
      for (let x = seed ^ previous; x !== 0; x &= x - 1) flipped++;
      seeds.add(seed);
      previous = seed;
    }
    expect(Math.abs(flipped / count - 16)).toBeLessThan(0.1);
    expect(count - seeds.size).toBeLessThan(5);
  });
});

describe("randomFrom", () => {
  test("one seed gives one stream, another seed another", () => {
    const draw = (seed: number) => Array.from({ length: 5 }, randomFrom(seed).uniform);
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
    expect(draw(5)).toMatchInlineSnapshot(`
      [
        0.6699333643322484,
        0.7000791867170648,
        0.2192441478019499,
        0.3132614083870272,
        0.15058804704664364,
      ]
    `);
  });

  test("uniform is flat: mean, variance and 16 bins", () => {
    const random = randomFrom(seedFor(0, "uniform"));
    const count = 100_000;
    const bins = new Array<number>(16).fill(0);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      const u = random.uniform();
      sum += u;
      squares += u * u;
      bins[Math.floor(u * 16)]! += 1;
    }
    expect(Math.abs(sum / count - 1 / 2)).toBeLessThan(0.005);
    expect(Math.abs(squares / count - 1 / 3)).toBeLessThan(0.005);
    for (const bin of bins) expect(Math.abs(bin / (count / 16) - 1)).toBeLessThan(0.06);
  });

  test("the first draws of consecutive seeds are independent", () => {
    let sum = 0;
    for (let seed = 0; seed < 10_000; seed++) {
      sum += (randomFrom(seed).uniform() - 0.5) * (randomFrom(seed + 1).uniform() - 0.5);
    }
    expect(Math.abs(sum / 10_000) * 12).toBeLessThan(0.04);
  });

  test("integer covers exactly [0, n) and refuses an empty range", () => {
    const random = randomFrom(1);
    const seen = new Set(Array.from({ length: 500 }, () => random.integer(7)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(() => random.integer(0)).toThrow("no whole number in [0, 0)");
    expect(() => random.integer(1.5)).toThrow(RangeError);
  });

  test("shuffle is a permutation and leaves its input alone", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const before = [...items];
        const shuffled = randomFrom(seed).shuffle(items);
        expect(items).toEqual(before);
        expect([...shuffled].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b));
      }),
    );
  });

  test("every order of three is equally likely", () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 12_000; seed++) {
      const order = randomFrom(seed).shuffle(["a", "b", "c"]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count / 2_000 - 1)).toBeLessThan(0.1);
  });

  test("sample draws different positions, all of them when asked for more", () => {
    const items = [1, 2, 3, 4, 5];
    expect(new Set(randomFrom(2).sample(items, 3)).size).toBe(3);
    expect(randomFrom(2).sample(items, 9).sort()).toEqual(items);
    expect(randomFrom(2).sample(items, 0)).toEqual([]);
  });
});
