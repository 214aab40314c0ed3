import { describe, expect, test } from "bun:test";
import {
  idsOf,
  longestSequence,
  microBatches,
  type TrainingGroup,
  trainingGroups,
} from "../../src/rollout/sequences.ts";
import type { Trajectory } from "../../src/rollout/trajectory.ts";

type Step = readonly [context: "append" | "fresh", prompt: number[], tokens: number[]];

function trajectory(...steps: Step[]): Trajectory {
  return {
    ...{ episode: "e", group: "g", env: "world", return: 1, success: true, end: "terminated" },
    steps: steps.map(([context, prompt_tokens, tokens]) => ({
      ...{ observation: "", response: "", action: "", valid: true, reward: 0, context },
      ...{ prompt_tokens, tokens, logprobs: tokens.map(() => -1), entropies: tokens.map(() => 1) },
    })),
  } as Trajectory;
}

describe("trajectories become sequences", () => {
  test("an appended prompt goes on where the step before ended, and is sampled by no step", () => {
    const groups = trainingGroups([
      trajectory(["append", [1, 2, 3], [4, 5]], ["append", [6], [7]], ["append", [8, 9], [10]]),
    ]);
    expect(groups).toEqual([
      {
        prefix: [1, 2],
        members: [
          {
            ids: [3, 4, 5, 6, 7, 8, 9, 10],
            steps: [-1, 0, 0, -1, 1, -1, -1, 2],
            trajectory: 0,
          },
        ],
      },
    ]);
  });

  test("neighbours with one opening share it, all but its last token", () => {
    const groups = trainingGroups([
      trajectory(["append", [1, 2, 3], [4]]),
      trajectory(["append", [1, 2, 3], [5, 6]]),
      trajectory(["append", [1, 9, 3], [4]]),
    ]);
    expect(groups.map(({ prefix }) => prefix)).toEqual([
      [1, 2],
      [1, 9],
    ]);
    expect(idsOf(groups)[0]!.members).toEqual([
      [3, 4],
      [3, 5, 6],
    ]);
    expect(groups.map(({ members }) => members.map((member) => member.trajectory))).toEqual([
      [0, 1],
      [2],
    ]);
  });

  test("openings that differ in the last token alone share the rest", () => {
    const groups = trainingGroups([
      trajectory(["append", [1, 2, 3], [4]]),
      trajectory(["append", [1, 2, 5], [4]]),
    ]);
    expect(idsOf(groups)).toEqual([
      {
        prefix: [1, 2],
        members: [
          [3, 4],
          [5, 4],
        ],
      },
    ]);
  });

  test("ids that read alike when joined are different prefixes", () => {
    const groups = trainingGroups([
      trajectory(["append", [1, 23, 9], [4]]),
      trajectory(["append", [12, 3, 9], [4]]),
    ]);
    expect(groups).toHaveLength(2);
  });

  test("a fresh context begins a sequence of its own, with the steps still numbered", () => {
    const groups = trainingGroups([
      trajectory(
        ["fresh", [1, 2], [3]],
        ["fresh", [5, 6], [7, 8]],
        ["append", [9], [10]],
        ["fresh", [1, 2], [4]],
      ),
    ]);
    expect(groups).toEqual([
      { prefix: [1], members: [{ ids: [2, 3], steps: [-1, 0], trajectory: 0 }] },
      {
        prefix: [5],
        members: [{ ids: [6, 7, 8, 9, 10], steps: [-1, 1, 1, -1, 2], trajectory: 0 }],
      },
      { prefix: [1], members: [{ ids: [2, 4], steps: [-1, 3], trajectory: 0 }] },
    ]);
  });

  test("openings of one token have no prefix to share", () => {
    const groups = trainingGroups([
      trajectory(["append", [1], [2]]),
      trajectory(["append", [1], [3]]),
    ]);
    expect(groups.map(({ prefix, members }) => [prefix, members.length])).toEqual([
      [[], 1],
      [[], 1],
    ]);
  });
});

/** A group of a prefix of `prefix` tokens and members of these lengths. */
function group(prefix: number, ...lengths: number[]): TrainingGroup {
  return {
    prefix: Array.from({ length: prefix }, (_, i) => i),
    members: lengths.map((length, m) => ({
      ids: Array.from({ length }, (_, i) => 100 * m + i),
      steps: Array.from({ length }, () => 0),
      trajectory: m,
    })),
  };
}

const shape = (batches: readonly (readonly TrainingGroup[])[]) =>
  batches.map((batch) =>
    batch.map(({ prefix, members }) => [prefix.length, ...members.map(({ ids }) => ids.length)]),
  );

describe("micro-batches", () => {
  test("are filled in order, to the last row", () => {
    const groups = [group(2, 3), group(1, 2, 2), group(0, 4), group(0, 1)];
    expect(shape(microBatches(groups, 10))).toEqual([
      [
        [2, 3],
        [1, 2, 2],
      ],
      [
        [0, 4],
        [0, 1],
      ],
    ]);
    expect(shape(microBatches(groups, 9))).toEqual([
      [[2, 3]],
      [
        [1, 2, 2],
        [0, 4],
      ],
      [[0, 1]],
    ]);
  });

  test("a group that does not fit is split between members, each part with the prefix", () => {
    expect(shape(microBatches([group(3, 2, 2, 4, 1)], 8))).toEqual([[[3, 2, 2]], [[3, 4, 1]]]);
  });

  test("every member is in exactly one of them, and none is too long", () => {
    const groups = [group(3, 5, 1, 2), group(0, 9), group(4, 6, 6, 6, 1), group(1, 1)];
    for (const capacity of [10, 11, 13, 20, 100]) {
      const batches = microBatches(groups, capacity);
      const found = batches
        .flat()
        .flatMap(({ prefix, members }) => members.map(({ ids }) => [prefix.length, ids.length]));
      const expected = groups.flatMap(({ prefix, members }) =>
        members.map(({ ids }) => [prefix.length, ids.length]),
      );
      expect(found).toEqual(expected);
      for (const batch of shape(batches)) {
        expect(batch.flat().reduce((sum, length) => sum + length, 0)).toBeWithin(1, capacity + 1);
      }
    }
  });

  test("nothing gives none", () => {
    expect(microBatches([], 10)).toEqual([]);
  });
});

test("the longest sequence counts its prefix", () => {
  expect(longestSequence([group(3, 2, 5), group(0, 7), group(1, 2)])).toBe(8);
  expect(longestSequence([])).toBe(0);
});
