/** JSON files that people wrote or a download cut off: an error says in which line. */

import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import { UserError } from "./errors.ts";

/**
 * The value of a JSON text.
 * @param file what messages call it
 * @throws UserError naming file, line and what was expected there
 */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file}:${placeOf(text) ?? ` ${(error as Error).message}`}`);
  }
}

/** Line, and what the reader stumbled over; nothing where a laxer reader finds no fault. */
function placeOf(text: string): string | undefined {
  const errors: ParseError[] = [];
  try {
    parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch (error) {
    // It descends by recursion, and a text of nothing but brackets goes deeper than the stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  const [first] = errors;
  if (!first) return undefined;
  const line = text.slice(0, first.offset).split("\n").length;
  const expected = printParseErrorCode(first.error)
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  const found = text.slice(first.offset, first.offset + 20).split("\n")[0];
  return `${line}: not JSON: ${expected}, found ${found ? JSON.stringify(found) : "the end of the file"}`;
}
