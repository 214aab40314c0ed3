/** Where a text may be cut: between words, and inside what has no spaces, such as Chinese or one endless word. */

/** Scripts that put no space between words, for a class of characters with the `v` flag. */
export const UNSPACED = ["Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"]
  .map((script) => `\\p{Script=${script}}`)
  .join("");

/** A character of those scripts with its marks, or a word or so long a piece of one. */
const UNIT = new RegExp(`[${UNSPACED}]\\p{M}*|[[\\S]--[${UNSPACED}]]{1,40}`, "gv");

/** What would be one token of a model is hardly longer; more than so much per token is never looked at. */
const LONGEST_TOKEN = 32;

/** Places at which a cut leaves words whole where it can: the beginning and the end of each, in order. */
export function unitsOf(text: string): { start: number; end: number }[] {
  return Array.from(text.matchAll(UNIT), ({ index, 0: unit }) => ({
    start: index,
    end: index + unit.length,
  }));
}

/** The beginning of a text, as far as it can matter for so many tokens. */
export function beginningFor(text: string, tokens: number): string {
  return beginningOf(text, tokens * LONGEST_TOKEN);
}

/** The end of a text, as far as it can matter for so many tokens. */
export function endFor(text: string, tokens: number): string {
  const start = text.length - tokens * LONGEST_TOKEN;
  return start <= 0 ? text : text.slice(isInside(text, start) ? start + 1 : start);
}

/** So many UTF-16 units at most, without half a character at the end. */
export function beginningOf(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, isInside(text, length) ? length - 1 : length);
}

function isInside(text: string, at: number): boolean {
  return /[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(at - 1, at + 1));
}
