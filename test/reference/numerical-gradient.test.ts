import { expect, test } from "bun:test";
import { TOLERANCE } from "../support/tolerances.ts";
import { numericalGradient } from "./numerical-gradient.ts";

test("the gradient of x²·y + sin y is (2xy, x² + cos y)", () => {
  const f = ([x = 0, y = 0]: readonly number[]) => x * x * y + Math.sin(y);
  const [x, y] = [1.3, -0.4];
  const expected = [2 * x * y, x * x + Math.cos(y)];
  expect(numericalGradient(f, [x, y])).toBeClose(expected, TOLERANCE.numerical);
});

test("the point itself is left as it was", () => {
  const point = [1, 2];
  numericalGradient(([a = 0]) => a, point);
  expect(point).toEqual([1, 2]);
});
