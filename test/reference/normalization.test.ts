import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { TOLERANCE } from "../support/tolerances.ts";
import { type NormalizationMode, normalize, quantile } from "./normalization.ts";

const MODES = ["min-max", "z-score", "robust"] as const satisfies NormalizationMode[];
const entropies = fc.array(fc.double({ min: 0, max: 12, noNaN: true }), {
  minLength: 2,
  maxLength: 60,
});

describe("min-max", () => {
  test("maps the smallest entropy to 0 and the largest to 1", () => {
    expect(normalize([2, 1, 5]) as number[]).toBeClose([0.25, 0, 1], 1e-8);
  });

  test("stays within [0, 1] and keeps the order", () => {
    fc.assert(
      fc.property(entropies, (values) => {
        const h = normalize(values) as number[];
        expect(Math.min(...h)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...h)).toBeLessThanOrEqual(1);
        for (let i = 1; i < values.length; i++) {
          if (values[i]! > values[i - 1]!) expect(h[i]).toBeGreaterThanOrEqual(h[i - 1]!);
        }
      }),
    );
  });
});

describe("z-score", () => {
  test("divides by the population's standard deviation", () => {
    const h = normalize([1, 3], { mode: "z-score" }) as number[];
    expect(h).toBeClose([-1, 1], 1e-7);
  });
});

describe("robust", () => {
  test("percentiles interpolate linearly, as numpy does", () => {
    expect(quantile([10, 0, 20, 30], 0.5)).toBe(15);
    expect(quantile([10, 0, 20, 30], 0.05)).toBeClose(1.5, TOLERANCE.exact);
    expect(quantile([10, 0, 20, 30], 0.95)).toBeClose(28.5, TOLERANCE.exact);
    expect(quantile([4], 0.95)).toBe(4);
  });

  test("is min-max between the 5th and the 95th percentile", () => {
    const values = Array.from({ length: 21 }, (_, i) => i);
    const h = normalize(values, { mode: "robust" }) as number[];
    expect([h[0]!, h[1]!, h[2]!, h[10]!, h[19]!, h[20]!]).toBeClose(
      [0, 0, 1 / 18, 0.5, 1, 1],
      1e-8,
    );
  });

  test("one garbled turn cannot set the scale", () => {
    const calm = Array.from({ length: 99 }, (_, i) => i / 98);
    const h = normalize([...calm, 50], { mode: "robust" }) as number[];
    expect(h.at(-1)).toBe(1);
    expect(h[49]).toBeGreaterThan(0.4);
    expect((normalize([...calm, 50]) as number[])[49]).toBeLessThan(0.02);
  });

  test("clamps to [0, 1]", () => {
    fc.assert(
      fc.property(entropies, (values) => {
        for (const h of normalize(values, { mode: "robust" })) {
          expect(h).toBeGreaterThanOrEqual(0);
          expect(h).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe.each(MODES)("%s", (mode) => {
  test("equal entropies are all 0, whatever their rounding", () => {
    for (const value of [0, 0.1, 1 / 3, 11.5]) {
      expect(normalize([value, value, value], { mode })).toEqual([0, 0, 0]);
    }
  });

  test("empty steps stay empty and change nothing for the others", () => {
    const without = normalize([1, 2, 4], { mode });
    expect(normalize([null, 1, 2, null, 4], { mode })).toEqual([
      null,
      without[0]!,
      without[1]!,
      null,
      without[2]!,
    ]);
    expect(normalize([null, null], { mode })).toEqual([null, null]);
    expect(normalize([], { mode })).toEqual([]);
  });

  test("the order of the steps does not matter", () => {
    fc.assert(
      fc.property(entropies, (values) => {
        const forward = normalize(values, { mode }) as number[];
        const backward = normalize(values.toReversed(), { mode }) as number[];
        expect(backward.toReversed()).toBeClose(forward, 1e-6);
      }),
    );
  });
});
