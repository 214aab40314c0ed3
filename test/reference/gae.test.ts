import { expect, test } from "bun:test";
import { TOLERANCE } from "../support/tolerances.ts";
import { gae, whiten } from "./gae.ts";

const PLACES = [
  { value: 0.5, reward: 0 },
  { value: 1, reward: 2 },
  { value: -1, reward: 1 },
];

test("lambda 0 leaves one step's surprise", () => {
  // 0 + 1 − 0.5;  2 − 1 − 1;  1 + 0 + 1
  expect(gae(PLACES, 1, 0)).toBeClose([0.5, 0, 2], TOLERANCE.exact);
});

test("lambda 1 is the return less the value", () => {
  expect(gae(PLACES, 1, 1)).toBeClose([3 - 0.5, 3 - 1, 1 + 1], TOLERANCE.exact);
});

test("discount and lambda between: by hand", () => {
  // γ = 0.5, λ = 0.5: δ = 0 + 0.5 − 0.5, 2 − 0.5 − 1, 1 + 1;  A = δ + 0.25·A of the next
  expect(gae(PLACES, 0.5, 0.5)).toBeClose([0.25, 1, 2], TOLERANCE.exact);
});

test("whitened numbers have mean 0 and variance 1 with n − 1", () => {
  expect(whiten([1, 2, 3])).toBeClose([-1, 0, 1], 1e-7);
});
