import { describe, expect, test } from "bun:test";
import { figureOf, figuresOf, macroFigures, macroOf } from "../../src/train/figures.ts";
import { wilson } from "../../src/train/wilson.ts";

describe("a figure", () => {
  test("of zeros and ones has Wilson's interval", () => {
    const { mean, ci95, episodes } = figureOf([1, 0, 0, 1, 1, 1, 0, 1]);
    expect([mean, episodes]).toEqual([5 / 8, 8]);
    expect(ci95).toEqual(wilson(5, 8));
  });

  test("of other values has the normal one of their mean", () => {
    // Mean 5, variance (9 + 1 + 1 + 9) / 3.
    const { mean, ci95 } = figureOf([2, 4, 6, 8]);
    const spread = 1.959964 * Math.sqrt(20 / 3 / 4);
    expect(mean).toBe(5);
    expect(ci95[0]).toBeCloseTo(5 - spread, 12);
    expect(ci95[1]).toBeCloseTo(5 + spread, 12);
  });

  test("is over the episodes that have it", () => {
    const figures = figuresOf([{ a: 1 }, { a: 0, b: 3 }, { b: 5 }]);
    expect(Object.keys(figures)).toEqual(["a", "b"]);
    expect([figures.a!.mean, figures.a!.episodes]).toEqual([0.5, 2]);
    expect([figures.b!.mean, figures.b!.episodes]).toEqual([4, 2]);
  });
});

describe("the mean over kinds", () => {
  test("of one kind is that kind, interval and all", () => {
    const one = figureOf([1, 0, 0]);
    const macro = macroOf([one]);
    expect(macro.mean).toBe(one.mean);
    expect(macro.ci95[0]).toBeCloseTo(one.ci95[0], 12);
    expect(macro.ci95[1]).toBeCloseTo(one.ci95[1], 12);
  });

  test("counts every kind the same, and its interval narrows as errors cancel", () => {
    const few = { mean: 0.2, ci95: [0.1, 0.5], episodes: 10 } as const;
    const many = { mean: 0.6, ci95: [0.56, 0.64], episodes: 990 } as const;
    const { mean, ci95, episodes } = macroOf([few, many]);
    expect([mean, episodes]).toEqual([0.4, 1000]);
    expect(ci95[0]).toBeCloseTo(0.4 - Math.hypot(0.1, 0.04) / 2, 12);
    expect(ci95[1]).toBeCloseTo(0.4 + Math.hypot(0.3, 0.04) / 2, 12);
  });

  test("of shares stays within 0 and 1", () => {
    const none = figureOf([0, 0, 0]);
    const all = figureOf([1, 1]);
    for (const kinds of [
      [none, none],
      [all, all],
      [none, all],
    ]) {
      const { ci95 } = macroOf(kinds);
      expect(ci95[0]).toBeGreaterThanOrEqual(0);
      expect(ci95[1]).toBeLessThanOrEqual(1);
    }
  });

  test("covers the truth in about 95 of 100 evaluations", () => {
    // Two kinds of 60 episodes with rates 0.1 and 0.7: mean 0.4. The draws are those of a fixed generator.
    let state = 12345;
    const uniform = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const draw = (rate: number) =>
      figureOf(Array.from({ length: 60 }, () => (uniform() < rate ? 1 : 0)));
    let covered = 0;
    for (let run = 0; run < 2000; run++) {
      const { ci95 } = macroOf([draw(0.1), draw(0.7)]);
      if (ci95[0] <= 0.4 && 0.4 <= ci95[1]) covered++;
    }
    expect(covered / 2000).toBeGreaterThan(0.93);
    expect(covered / 2000).toBeLessThan(0.97);
  });

  test("of a figure is over the kinds that have it", () => {
    const macro = macroFigures([figuresOf([{ a: 1, b: 1 }]), figuresOf([{ a: 0 }])]);
    expect([macro.a!.mean, macro.b!.mean]).toEqual([0.5, 1]);
  });
});
