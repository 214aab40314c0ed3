import { expect, test } from "bun:test";
import fc from "fast-check";
import { groupAdvantages, unequalGroups } from "../../src/algorithm/group-advantage.ts";
import { groupAdvantages as reference } from "../reference/group-advantage.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const GRPO = { std: true, eps: 1e-6 };

test("one success in four: (R − 1/4) / (1/2 + 1e-6)", () => {
  const expected = [0.75, -0.25, -0.25, -0.25].map((value) => value / (0.5 + 1e-6));
  expect(groupAdvantages([1, 0, 0, 0], ["a", "a", "a", "a"], GRPO)).toBeClose(
    expected,
    TOLERANCE.exact,
  );
});

test("a group with equal returns has advantage exactly 0, a group of one too", () => {
  expect(groupAdvantages([0.1, 0.1, 0.1, 4], ["a", "a", "a", "b"], GRPO)).toEqual([0, 0, 0, 0]);
});

test("groups of any size, in any order, match the reference", () => {
  const members = fc.array(
    fc.record({
      value: fc.double({ min: -3, max: 3, noNaN: true }),
      group: fc.constantFrom("a", "b", "c"),
    }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(members, fc.boolean(), (batch, std) => {
      const returns = batch.map(({ value }) => value);
      const groups = batch.map(({ group }) => group);
      const options = { std, eps: 1e-6 };
      expect(groupAdvantages(returns, groups, options)).toBeClose(
        reference(returns, groups, options),
        TOLERANCE.exact,
      );
    }),
  );
});

test("groups of equal returns can be left out, and the others keep their order", () => {
  const names = ["a", "b", "a", "c", "b", "c"];
  expect(unequalGroups([1, 0, 0, 1, 0, 1], names)).toEqual([0, 2]);
  expect(unequalGroups([1, 0, 0, 1, 1, 1], names)).toEqual([0, 1, 2, 4]);
  expect(unequalGroups([0, 0, 0, 1, 0, 1], names)).toEqual([]);
  expect(unequalGroups([], [])).toEqual([]);
});
