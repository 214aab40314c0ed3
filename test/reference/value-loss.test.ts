import { expect, test } from "bun:test";
import { randomFrom } from "../../src/core/random.ts";
import { TOLERANCE } from "../support/tolerances.ts";
import { numericalGradient } from "./numerical-gradient.ts";
import { valueLoss } from "./value-loss.ts";

test("the gradient is the loss's slope", () => {
  const random = randomFrom(1);
  const number = () => 4 * random.uniform() - 2;
  const tokens = Array.from({ length: 50 }, () => ({
    ...{ value: number(), old: number(), target: number(), weight: random.uniform() },
  }));
  const loss = (values: readonly number[]) =>
    valueLoss(
      tokens.map((token, t) => ({ ...token, value: values[t]! })),
      0.5,
    ).loss;
  const { gradient } = valueLoss(tokens, 0.5);
  const slopes = numericalGradient(
    loss,
    tokens.map(({ value }) => value),
  );
  expect(gradient).toBeClose(slopes, TOLERANCE.numerical);
  expect(gradient.filter((slope) => slope === 0).length).toBeGreaterThan(3);
});

test("by hand: near the old value, past the clip on the near side, and past it on the far side", () => {
  const tokens = [
    { value: 1.25, old: 1, target: 0, weight: 2 },
    // Held at 1.5, which is further from 3 than 2 is.
    { value: 2, old: 1, target: 3, weight: 1 },
    // Held at 1.5, nearer to 0 than 2 is.
    { value: 2, old: 1, target: 0, weight: 1 },
  ];
  const { terms, gradient } = valueLoss(tokens, 0.5);
  expect(terms).toBeClose([1.25 ** 2, 1.125, 2], TOLERANCE.exact);
  expect(gradient).toBeClose([2.5, 0, 2], TOLERANCE.exact);
});
