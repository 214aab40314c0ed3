/** Where an original's texts show Python's own habits, they are reproduced here. */

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

/** str() of a float: the shortest text that gives the number back, always with a point or an exponent. */
export function floatText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [mantissa = "", exponent = ""] = value.toExponential().split("e");
    const sign = exponent.startsWith("-") ? "-" : "+";
    return `${mantissa}e${sign}${exponent.slice(1).padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? `${Object.is(value, -0) ? "-0" : value}.0` : `${value}`;
}
