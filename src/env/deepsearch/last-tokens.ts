import { endFor, unitsOf } from "./cut-points.ts";
import type { CountTokens } from "./token-count.ts";

/** The end of a text in at most so many tokens, from the start of a word on where it has words; all of a short one. */
export function lastTokens(text: string, most: number, count: CountTokens): string {
  const end = endFor(text, most);
  if (end === text && count(text) <= most) return text;
  const units = unitsOf(end);
  let low = 0;
  let high = units.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (count(end.slice(units[middle]!.start)) <= most) high = middle;
    else low = middle + 1;
  }
  return low < units.length ? end.slice(units[low]!.start) : "";
}
