import { existsSync } from "node:fs";
import { UserError } from "../core/errors.ts";
import { readText } from "../core/text-file.ts";

export interface Line {
  readonly value: unknown;
  /** `file:line`, to begin an error with; lines count from 1. */
  readonly where: string;
}

/**
 * The values of a JSON Lines file that a run may still be writing: none where there is no file, and a last
 * line without its end is left out when it is cut off.
 * @throws UserError naming file and line of any other line that is not JSON
 */
export function readGrowingLines(path: string): Line[] {
  if (!existsSync(path)) return [];
  const lines = readText(path).split("\n");
  return lines.flatMap((text, index) => {
    if (text.trim() === "") return [];
    const where = `${path}:${index + 1}`;
    try {
      return [{ value: JSON.parse(text), where }];
    } catch (error) {
      if (index === lines.length - 1) return [];
      const reason = (error as Error).message.replace(/^JSON Parse error: /, "");
      throw new UserError(`${where}: not a JSON value: ${reason}`);
    }
  });
}
