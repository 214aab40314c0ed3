import { expect, test } from "bun:test";
import { normalizedP95 } from "../../src/algorithm/flatness.ts";

test("the 95th percentile lies between its neighbours as numpy's does", () => {
  // numpy.percentile([0, 1, …, n − 1], 95)
  for (const [count, wanted] of [
    [1, 0],
    [2, 0.95],
    [11, 9.5],
    [21, 19],
    [64, 59.85],
  ] as const) {
    const values = Array.from({ length: count }, (_, i) => (5 * i) % count);
    expect(normalizedP95(values, values)).toBeCloseTo(wanted, 12);
  }
});

test("an empty step has no part in it, and without steps it is 0", () => {
  expect(normalizedP95([0.2, 0, 0.4, 0], [1, -1, 2, -1])).toBeCloseTo(0.39, 12);
  expect(normalizedP95([0, 0], [-1, -1])).toBe(0);
  expect(normalizedP95([], [])).toBe(0);
});

test("one odd step owns the scale: h of the others is flat, whatever it is itself", () => {
  const entropies = [...Array.from({ length: 40 }, (_, i) => 0.1 + 0.01 * i), 9];
  const low = Math.min(...entropies);
  const h = entropies.map((H) => (H - low) / (9 - low));
  expect(normalizedP95(h, entropies)).toBeLessThan(0.05);
  expect(normalizedP95(h.slice(0, -1), entropies)).toBeLessThan(0.05);
});
