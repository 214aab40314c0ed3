import { expect, test } from "bun:test";
import { lossWeights } from "../../src/algorithm/loss-weights.ts";
import { LOSS_AGGREGATIONS } from "../../src/algorithm/method-keys.ts";
import { TOLERANCE } from "../support/tolerances.ts";

/** Three sequences, one of them without a generated token. */
const LENGTHS = [2, 0, 3];

test.each([
  ["token-mean", [1 / 5, 0, 1 / 5]],
  ["seq-mean-token-sum", [1 / 2, 0, 1 / 2]],
  ["seq-mean-token-mean", [1 / 4, 0, 1 / 6]],
  ["token-sum", [1, 0, 1]],
  ["seq-mean-token-sum-norm", [1 / 14, 0, 1 / 14]],
] as const)("%s", (aggregation, expected) => {
  expect(lossWeights(LENGTHS, aggregation, 7)).toBeClose(expected, TOLERANCE.exact);
});

test("without any token all weights are 0", () => {
  for (const aggregation of LOSS_AGGREGATIONS) {
    expect(lossWeights([0, 0], aggregation, 7)).toEqual([0, 0]);
    expect(lossWeights([], aggregation, 7)).toEqual([]);
  }
});
