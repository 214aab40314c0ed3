import type { CountTokens } from "./token-count.ts";

/** The end of a text, from the start of a word on, in at most so many tokens; all of it where it is short. */
export function lastTokens(text: string, most: number, count: CountTokens): string {
  if (count(text) <= most) return text;
  const starts = [...text.matchAll(/\S+/g)].map(({ index }) => index);
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (count(text.slice(starts[middle])) <= most) high = middle;
    else low = middle + 1;
  }
  return low < starts.length ? text.slice(starts[low]) : "";
}
