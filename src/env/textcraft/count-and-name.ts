/** Python's int() refuses longer numbers (and the original stops with an exception). */
const MAX_DIGITS = 4300;

/** Reads `{number} {rest of the line}` at the start of a text, as the pattern `([0-9]+) (.*)` does. */
export function countAndName(text: string): { count: bigint; name: string } | undefined {
  const match = /^([0-9]+) ([^\n]*)/.exec(text);
  const digits = match?.[1];
  if (digits === undefined || digits.length > MAX_DIGITS) return undefined;
  return { count: BigInt(digits), name: match?.[2] ?? "" };
}
