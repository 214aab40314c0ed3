/** TOML text ⇄ values. Bun parses; this adds the line of an error and the way back. */

import { UserError } from "./errors.ts";

/** A TOML value; dates are read by the parser but no setting of ours is one. */
export type TomlValue = string | number | boolean | readonly TomlValue[] | TomlTable;
export interface TomlTable {
  readonly [key: string]: TomlValue | undefined;
}

/** Text of `file` → its table. A syntax error becomes a UserError that names file and line. */
export function parseToml(text: string, file: string): Record<string, unknown> {
  const attempt = tryParse(text);
  if (attempt.ok) return attempt.table;
  throw new UserError(`${file}:${lineOfError(text, attempt.message)}: ${attempt.message}`);
}

/** One value as typed after `key=`: a TOML literal, or else the text itself as a string. */
export function parseTomlValue(text: string): unknown {
  const attempt = tryParse(`value = ${text}`);
  if (!attempt.ok || Object.keys(attempt.table).length !== 1) return text;
  const value = attempt.table.value;
  const isDate = typeof value === "object" && !Array.isArray(value) && !isPlain(value);
  return isDate ? text : value;
}

/** A table → TOML text: plain values first, then nested tables under their headers. */
export function writeToml(table: TomlTable, prefix: readonly string[] = []): string {
  const lines: string[] = [];
  const nested: string[] = [];
  for (const [key, value] of Object.entries(table)) {
    if (value === undefined) continue;
    if (isTable(value)) {
      const path = [...prefix, key];
      const body = writeToml(value, path);
      nested.push(`[${path.map(writeTomlKey).join(".")}]\n${body}`);
    } else {
      lines.push(`${writeTomlKey(key)} = ${writeTomlValue(value)}\n`);
    }
  }
  return [lines.join(""), ...nested].filter((part) => part !== "").join("\n");
}

/** A value as it stands after `key = `. */
export function writeTomlValue(value: TomlValue): string {
  if (typeof value === "string") return JSON.stringify(value).replaceAll("\x7f", "\\u007f");
  if (Array.isArray(value)) return `[${value.map(writeTomlValue).join(", ")}]`;
  if (isTable(value)) {
    const pairs = Object.entries(value).flatMap(([key, inner]) =>
      inner === undefined ? [] : [`${writeTomlKey(key)} = ${writeTomlValue(inner)}`],
    );
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return value.toExponential();
  }
  return String(value);
}

function writeTomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : writeTomlValue(key);
}

function isTable(value: TomlValue): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value);
}

function isPlain(value: unknown): boolean {
  return Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;
}

type Attempt =
  | { readonly ok: true; readonly table: Record<string, unknown> }
  | { readonly ok: false; readonly message: string };

function tryParse(text: string): Attempt {
  try {
    return { ok: true, table: Bun.TOML.parse(text) as Record<string, unknown> };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, message: message.replace(/^TOML Parse error: /, "") };
  }
}

/**
 * The parser reports no position. Beginnings of the file parse up to the last sound line; after it,
 * the first line whose beginning of the file fails with the whole file's message is the culprit.
 */
function lineOfError(text: string, message: string): number {
  const lines = text.split("\n");
  let found = lines.length;
  for (let count = lines.length; count >= 1; count--) {
    const attempt = tryParse(`${lines.slice(0, count).join("\n")}\n`);
    if (attempt.ok) break;
    if (attempt.message === message) found = count;
  }
  return found;
}
