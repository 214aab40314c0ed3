import { expect, test } from "bun:test";
import { drawWeighted, normal, pickWeighted } from "../../src/core/draws.ts";
import { randomFrom } from "../../src/core/random.ts";

test("positions come as often as their weights say", () => {
  const random = randomFrom(5);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 20_000; i++) counts[pickWeighted(random, [1, 0, 6, 3])]!++;
  expect(counts[1]).toBe(0);
  // Four standard errors.
  for (const [at, share] of [
    [0, 0.1],
    [2, 0.6],
    [3, 0.3],
  ] as const) {
    const error = Math.sqrt((share * (1 - share)) / 20_000);
    expect(Math.abs(counts[at]! / 20_000 - share)).toBeLessThan(4 * error);
  }
});

test("of nothing comes nothing, and one number is drawn all the same", () => {
  const [one, other] = [randomFrom(1), randomFrom(1)];
  expect(drawWeighted(one, [])).toBeUndefined();
  expect(drawWeighted(other, [[2, "only"]])).toBe("only");
  expect(one.uniform()).toBe(other.uniform());
});

test("normal draws have mean 0 and deviation 1", () => {
  const random = randomFrom(2);
  const draws = Array.from({ length: 20_000 }, () => normal(random));
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
  expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(draws.length));
  expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / draws.length));
});
