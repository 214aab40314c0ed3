/** Draws that are not evenly likely. */
import type { Random } from "./random.ts";

/** A position, as likely as its weight says; −1 where there is none. Draws one number in any case. */
export function pickWeighted(random: Random, weights: readonly number[]): number {
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const at = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return at < 0 ? weights.length - 1 : at;
}

/** One of some things, as likely as its weight says; undefined of none. */
export function drawWeighted<T>(
  random: Random,
  things: readonly (readonly [weight: number, thing: T])[],
): T | undefined {
  return things[
    pickWeighted(
      random,
      things.map(([weight]) => weight),
    )
  ]?.[1];
}

/** Standard normal (Box and Muller). */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
  return radius * Math.cos(2 * Math.PI * random.uniform());
}
