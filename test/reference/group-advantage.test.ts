import { expect, test } from "bun:test";
import fc from "fast-check";
import { TOLERANCE } from "../support/tolerances.ts";
import { groupAdvantages } from "./group-advantage.ts";

test("one success in four: (R − 1/4) / (1/2 + 1e-6)", () => {
  const expected = [0.75, -0.25, -0.25, -0.25].map((value) => value / (0.5 + 1e-6));
  expect(groupAdvantages([1, 0, 0, 0], [7, 7, 7, 7])).toBeClose(expected, TOLERANCE.exact);
});

test("without std it is the return minus the group's mean", () => {
  const found = groupAdvantages([3, 1, 10, 20], ["a", "a", "b", "b"], { std: false });
  expect(found).toEqual([1, -1, -5, 5]);
});

test("groups may be interleaved and of unequal size", () => {
  const found = groupAdvantages([1, 5, 0, 2, 8], ["a", "b", "a", "b", "b"], { std: false });
  expect(found).toEqual([0.5, 0, -0.5, -3, 3]);
});

test("a group with equal returns has advantage exactly 0, a group of one too", () => {
  expect(groupAdvantages([0.1, 0.1, 0.1, 4], ["a", "a", "a", "b"])).toEqual([0, 0, 0, 0]);
});

test("each group's advantages sum to 0 and have unit deviation", () => {
  const returns = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 2, maxLength: 16 });
  fc.assert(
    fc.property(returns, (values) => {
      const advantages = groupAdvantages(
        values,
        values.map(() => 0),
      );
      expect(advantages.reduce((a, b) => a + b)).toBeClose(0, TOLERANCE.exact);
      if (new Set(values).size === 1) return;
      const squares = advantages.reduce((sum, value) => sum + value ** 2, 0);
      expect(squares / (values.length - 1)).toBeClose(1, 1e-5);
    }),
  );
});
