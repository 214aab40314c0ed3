import { expect, test } from "bun:test";
import fc from "fast-check";
import type { TrainingGroup } from "../../src/rollout/sequences.ts";
import { joinPrompts } from "../../src/rollout/shared-prompts.ts";

const member = (trajectory: number, ...ids: number[]) => ({
  ...{ ids, steps: ids.map((_, i) => (i === 0 ? -1 : 0)), trajectory },
});
const rows = (groups: readonly TrainingGroup[]) =>
  groups.reduce(
    (sum, { prefix, members }) =>
      sum + members.reduce((count, { ids }) => count + ids.length, prefix.length),
    0,
  );
/** Every sequence written out, with the step of each token. */
const written = (groups: readonly TrainingGroup[]) =>
  groups.flatMap(({ prefix, members }) =>
    members.map(({ ids, steps, trajectory }) => ({
      ...{ ids: [...prefix, ...ids], steps: [...prefix.map(() => -1), ...steps], trajectory },
    })),
  );

test("prompts that begin alike share their beginning", () => {
  const groups = [
    { prefix: [1, 2, 3, 4], members: [member(0, 5, 6)] },
    { prefix: [1, 2, 3, 7], members: [member(0, 8, 9)] },
  ];
  expect(joinPrompts(groups)).toEqual([
    {
      prefix: [1, 2, 3],
      members: [
        { ids: [4, 5, 6], steps: [-1, -1, 0], trajectory: 0 },
        { ids: [7, 8, 9], steps: [-1, -1, 0], trajectory: 0 },
      ],
    },
  ]);
});

test("a prefix that many share is not given up for a short one", () => {
  const many = Array.from({ length: 5 }, (_, i) => member(i, 5, 6));
  const groups = [
    { prefix: [1, 2, 3, 4], members: many },
    { prefix: [1, 7, 8, 9], members: [member(5, 5, 6)] },
  ];
  expect(joinPrompts(groups)).toEqual(groups);
});

test("what is joined is the same sequences in no more rows", () => {
  const ids = fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 6 });
  const members = fc.array(
    fc.tuple(fc.nat(3), ids).map(([at, more]) => member(at, 9, ...more)),
    { minLength: 1, maxLength: 3 },
  );
  const groups = fc.array(fc.record({ prefix: ids, members }), { maxLength: 6 });
  fc.assert(
    fc.property(groups, (given) => {
      const joined = joinPrompts(given);
      expect(written(joined)).toEqual(written(given));
      expect(rows(joined)).toBeLessThanOrEqual(rows(given));
    }),
  );
});
