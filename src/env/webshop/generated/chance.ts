/** Draws that the parts of a product share. */
import { normal } from "../../../core/draws.ts";
import type { Random } from "../../../core/random.ts";

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.integer(items.length)] as T;
}

export function happens(random: Random, share: number): boolean {
  return random.uniform() < share;
}

/** Positive, half of them below the median; `spread` is the deviation of its logarithm. */
export function logNormal(random: Random, median: number, spread: number): number {
  return median * Math.exp(spread * normal(random));
}
