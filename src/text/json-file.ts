import { UserError } from "../core/errors.ts";
import { parseJson } from "../core/json-text.ts";

/** @throws UserError naming the file, for a text that is no JSON object */
export function parseJsonObject(text: string, file: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text, file);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new UserError(`${file}: expected an object`);
}
