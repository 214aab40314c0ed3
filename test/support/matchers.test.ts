import { describe, expect, test } from "bun:test";

const failure = (actual: unknown, expected: number | number[], tolerance: number): string => {
  try {
    (expect(actual) as unknown as { toBeClose: (e: typeof expected, t: number) => void }).toBeClose(
      expected,
      tolerance,
    );
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

test("differences are absolute below 1 and relative above", () => {
  expect(failure(0.5, 0.501, 0.002)).toBe("");
  expect(failure(0.5, 0.503, 0.002)).not.toBe("");
  expect(failure(1001, 1000, 0.002)).toBe("");
  expect(failure(1003, 1000, 0.002)).not.toBe("");
});

describe("nothing slips through", () => {
  test.each([
    ["NaN", [Number.NaN], [1]],
    ["an expected NaN", [1], [Number.NaN]],
    ["both NaN", [Number.NaN], [Number.NaN]],
    ["an infinity", [Infinity], [1]],
    ["an expected infinity", [1e300], [Infinity]],
    ["the other infinity", [-Infinity], [Infinity]],
    ["a missing number", [1], [1, 2]],
    ["a text", "1", [1]],
    ["nothing", undefined, [1]],
  ])("%s", (_, actual, expected) => {
    expect(failure(actual, expected, 1e9)).not.toBe("");
  });
});

test("equal infinities and typed arrays match", () => {
  expect(new Float32Array([1, -Infinity])).toBeClose([1, -Infinity], 0);
});

test("the message names the worst element and how many are outside", () => {
  expect(failure([1, 5, 2, 9], [1, 1, 1, 1], 0.5)).toEndWith(
    "3 of 4 outside 0.5; worst at index 3: expected 1, found 9, difference 8",
  );
});
