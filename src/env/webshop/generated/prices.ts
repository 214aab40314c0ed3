/** Prices as shops make them: mostly just below a dollar; clothes often have two, by size. */

import { pickWeighted } from "../../../core/draws.ts";
import type { Random } from "../../../core/random.ts";
import { happens, logNormal } from "./chance.ts";
import type { Shelf } from "./lexicon.ts";

const MISSING = 0.089;
const RANGES = { fashion: 0.42, other: 0.01 };
/** Of ranges: the second amount is the smaller one. */
const REVERSED = 0.03;
const SPREAD = 0.92;
/** How far apart the ends of a range are, as a share of the first. */
const RANGE = { median: 0.34, spread: 1 };
const CENTS = [99, 0, 95, 98, 49, 50, 90];
const CENTS_WEIGHTS = [38, 19, 6, 2, 2, 2, 1];
/** Any other number of cents. */
const OTHER_CENTS = 30;

/** What an entry says of the price. */
export function drawPricing(random: Random, { price, department }: Shelf): string {
  if (happens(random, MISSING)) return "";
  const first = drawAmount(random, price, SPREAD);
  const share = department === "fashion" ? RANGES.fashion : RANGES.other;
  if (!happens(random, share)) return dollars(first);
  const apart = 1 + logNormal(random, RANGE.median, RANGE.spread);
  const second = drawAmount(random, first * apart, 0);
  const ends = happens(random, REVERSED) ? [second, first] : [first, second];
  return ends.map(dollars).join(" - ");
}

function drawAmount(random: Random, median: number, spread: number): number {
  const whole = Math.max(1, Math.floor(logNormal(random, median, spread)));
  const cents = CENTS[pickWeighted(random, [...CENTS_WEIGHTS, OTHER_CENTS])];
  return whole + (cents ?? random.integer(100)) / 100;
}

function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
