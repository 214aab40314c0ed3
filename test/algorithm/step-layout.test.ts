import { expect, test } from "bun:test";
import { inGroupOrder, layoutSteps } from "../../src/algorithm/step-layout.ts";

const BATCH = [
  { group: "a", tokenCounts: [3, 0, 2] },
  { group: "a", tokenCounts: [] },
  { group: "b", tokenCounts: [1] },
];

test("offsets say where steps, trajectories and scopes begin and end", () => {
  expect(layoutSteps(BATCH, "batch")).toEqual({
    stepOffsets: Uint32Array.of(0, 3, 3, 5, 6),
    trajectoryOffsets: Uint32Array.of(0, 3, 3, 4),
    scopeOffsets: Uint32Array.of(0, 4),
  });
  expect(layoutSteps(BATCH, "group").scopeOffsets).toEqual(Uint32Array.of(0, 3, 4));
});

test("groups must stand together to be scopes", () => {
  const apart = [BATCH[0]!, BATCH[2]!, BATCH[1]!];
  expect(() => layoutSteps(apart, "group")).toThrow('the trajectories of group "a" are apart');
  expect(() => layoutSteps(apart, "batch")).not.toThrow();
});

test("group order keeps members in their order, and groups in that of their first members", () => {
  expect(inGroupOrder(["b", "a", "b", "c", "a"])).toEqual([0, 2, 1, 4, 3]);
});
