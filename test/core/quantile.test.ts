import { expect, test } from "bun:test";
import { quantile } from "../../src/core/quantile.ts";

// What numpy.quantile says, whose default is linear too.
test.each([
  [[1, 2, 3, 4], 0.5, 2.5],
  [[1, 2, 3, 4], 0.95, 3.8499999999999996],
  [[0, 10], 0.25, 2.5],
  [[7], 0.9, 7],
  [[1, 2, 3], 0, 1],
  [[1, 2, 3], 1, 3],
])("of %j at %d", (sorted, share, value) => {
  expect(quantile(sorted, share)).toBeCloseTo(value, 14);
});

test("an infinite neighbour does not spoil a value that stands on its place", () => {
  expect(quantile([1, 2, Number.POSITIVE_INFINITY], 0.5)).toBe(2);
  expect(quantile([1, Number.POSITIVE_INFINITY], 0.5)).toBe(Number.POSITIVE_INFINITY);
});

test("without values there is none", () => {
  expect(quantile([], 0.5)).toBeNaN();
});
