/**
 * Characters that a terminal obeys instead of showing: controls, and marks that turn the direction of
 * writing. A new line and a tabulator are no danger.
 */
const OBEYED = /(?![\n\t])[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text from files, worlds and models as a person may be shown it: what a terminal would obey is spelled out, as `\x1b`. */
export function printable(text: string): string {
  return text.replace(OBEYED, (character) => {
    const code = character.charCodeAt(0);
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
