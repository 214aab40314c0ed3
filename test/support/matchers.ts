/** Matchers of the whole suite, preloaded by bunfig.toml. */

import { expect } from "bun:test";

type Numbers = number | ArrayLike<number>;

declare module "bun:test" {
  interface Matchers<T> {
    /**
     * Numbers, or arrays of numbers element by element: |actual − expected| ≤ tolerance · max(1, |expected|).
     * Infinities match only themselves and NaN matches nothing.
     */
    toBeClose(expected: Numbers, tolerance: number): void;
  }
}

/** How far apart two numbers are, in units of max(1, |expected|). */
function difference(actual: number, expected: number): number {
  if (actual === expected) return 0;
  const scaled = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  return Number.isNaN(scaled) ? Infinity : scaled;
}

function toList(numbers: Numbers): number[] {
  return typeof numbers === "number" ? [numbers] : Array.from(numbers);
}

function isNumbers(value: unknown): value is Numbers {
  if (typeof value === "number") return true;
  if (typeof value !== "object" || value === null || !("length" in value)) return false;
  return Array.from(value as ArrayLike<unknown>).every((item) => typeof item === "number");
}

expect.extend({
  toBeClose(actual: unknown, expected: Numbers, tolerance: number) {
    if (!isNumbers(actual)) {
      return { pass: false, message: () => `expected numbers, found ${Bun.inspect(actual)}` };
    }
    const found = toList(actual);
    const wanted = toList(expected);
    if (found.length !== wanted.length) {
      const message = () => `expected ${wanted.length} numbers, found ${found.length}`;
      return { pass: false, message };
    }
    const differences = found.map((value, index) => difference(value, wanted[index]!));
    const worst = differences.reduce(
      (best, value, i) => (value > differences[best]! ? i : best),
      0,
    );
    const outside = differences.filter((value) => !(value <= tolerance)).length;
    const message = () =>
      `${outside} of ${wanted.length} outside ${tolerance}; worst at index ${worst}: ` +
      `expected ${wanted[worst]}, found ${found[worst]}, difference ${differences[worst]}`;
    return { pass: outside === 0, message };
  },
});
