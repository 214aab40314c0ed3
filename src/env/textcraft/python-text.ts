/** Where the original's replies show Python's own habits, they are reproduced here. */

/** Python's int() refuses longer numbers (and the original stops with an exception). */
const MAX_DIGITS = 4300;

/** Reads `{number} {rest of the line}` at the start of a text, as the pattern `([0-9]+) (.*)` does. */
export function countAndName(text: string): { count: bigint; name: string } | undefined {
  const match = /^([0-9]+) ([^\n]*)/.exec(text);
  const digits = match?.[1];
  if (digits === undefined || digits.length > MAX_DIGITS) return undefined;
  return { count: BigInt(digits), name: match?.[2] ?? "" };
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** repr() of a string: quotes chosen as Python chooses them, unprintable characters escaped. */
export function repr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text
    .replaceAll("\\", "\\\\")
    .replaceAll(quote, `\\${quote}`)
    .replace(/(?! )[\p{C}\p{Z}]/gu, (character) => {
      const code = character.codePointAt(0) as number;
      const hex = code.toString(16);
      if (code > 0xffff) return `\\U${hex.padStart(8, "0")}`;
      if (code > 0xff) return `\\u${hex.padStart(4, "0")}`;
      return NAMED_ESCAPES[character] ?? `\\x${hex.padStart(2, "0")}`;
    });
  return quote + body + quote;
}
