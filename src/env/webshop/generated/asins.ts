/**
 * Ids that look like the real ones: `B0`, then a digit and a letter four times. Of such pairs there are few, which
 * small models that read ids in pairs are glad of.
 */
import { seedFor } from "../../../core/random.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const PAIRS = 10 * LETTERS.length;
const IDS = PAIRS ** 4;
/** Has no factor in common with `IDS`, so that no id comes twice. */
const STRIDE = 2_654_435_761;

/** Its product with the stride is exact. */
export const MOST_PRODUCTS = 3_000_000;

/** The id of a product, different from those of all others. */
export function asinOfNumber(number: number, seed: number): string {
  let rest = (number * STRIDE + seedFor(seed, "webshop-asin")) % IDS;
  let asin = "B0";
  for (let pair = 0; pair < 4; pair++) {
    const value = rest % PAIRS;
    asin += `${value % 10}${LETTERS[Math.floor(value / 10)]}`;
    rest = Math.floor(rest / PAIRS);
  }
  return asin;
}
