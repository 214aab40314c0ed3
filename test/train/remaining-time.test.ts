import { expect, test } from "bun:test";
import { RemainingTime } from "../../src/train/remaining-time.ts";

test("later iterations outweigh the first, and evaluations are counted by their episodes", () => {
  const remaining = new RemainingTime();
  remaining.evaluated(100, 5_000);
  remaining.iterated(9_000);
  expect(remaining.estimate(10, 0)).toBe(90_000);
  remaining.iterated(2_000);
  remaining.iterated(4_000);
  expect(remaining.estimate(10, 300)).toBe(10 * 3_000 + 300 * 50);
  remaining.evaluated(300, 3_000);
  expect(remaining.estimate(0, 100)).toBe(2_000);
});
