/** Configuration files: reading with `--set` overrides, and writing the resolved and the commented one. */

import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { allowedText, branches, type JsonSchema } from "../core/schema-text.ts";
import { readTextFile } from "../core/text-file.ts";
import {
  parseToml,
  parseTomlValue,
  type TomlTable,
  type TomlValue,
  writeToml,
  writeTomlValue,
} from "../core/toml.ts";
import { parseConfig, type RunConfig, RunSchema } from "./config.ts";

type RawTable = Record<string, unknown>;

/**
 * The resolved configuration of a file (`-` is standard input; none: all defaults) under overrides
 * of the form `section.key=value`, the last of equal keys winning.
 */
export async function loadConfig(
  file: string | undefined,
  overrides: readonly string[] = [],
): Promise<RunConfig> {
  if (file === undefined) return resolveConfig("", "the default configuration", overrides);
  const name = file === "-" ? "standard input" : file;
  return resolveConfig(await readTextFile(file), name, overrides);
}

/** As `loadConfig`, from text; `name` stands for the file in errors. */
export function resolveConfig(
  text: string,
  name: string,
  overrides: readonly string[] = [],
): RunConfig {
  const set = overrides.map((one) => ({ set: one, source: "--set" }));
  return resolveTable(parseToml(text, name), name, set);
}

/** One key that stands above the file's, and who says so. */
interface Override {
  /** `section.key=value` */
  readonly set: string;
  /** As errors name it: `--set`. */
  readonly source: string;
}

/** As `resolveConfig`, from a parsed file, which the overrides change. */
export function resolveTable(
  raw: RawTable,
  name: string,
  overrides: readonly Override[] = [],
): RunConfig {
  const overridden = overrides.map((override) => ({
    path: applyOverride(raw, override, name),
    source: override.source,
  }));
  return parseConfig(raw, (path) => {
    const key = `${path.join(".")}.`;
    const isRelated = (set: string) => key.startsWith(`${set}.`) || set.startsWith(key);
    return overridden.findLast((one) => isRelated(one.path))?.source ?? name;
  });
}

/** Sets one key in place and returns its path. */
function applyOverride(raw: RawTable, { set, source }: Override, file: string): string {
  const equals = set.indexOf("=");
  const path = equals < 0 ? "" : set.slice(0, equals).trim();
  const keys = path.split(".");
  if (keys.length < 2 || keys.some((key) => key === "")) {
    throw new UserError(`${source} ${set}: expected section.key=value`);
  }
  let table = raw;
  for (const key of keys.slice(0, -1)) {
    if (!Object.hasOwn(table, key)) define(table, key, {});
    const inner = table[key];
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) {
      throw new UserError(`${source} ${set}: "${key}" is not a table in ${file}`);
    }
    table = inner as RawTable;
  }
  define(table, keys.at(-1) ?? "", parseTomlValue(set.slice(equals + 1).trim()));
  return path;
}

/** A plain assignment to the key `__proto__` would be lost instead of rejected. */
function define(table: RawTable, key: string, value: unknown): void {
  Object.defineProperty(table, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** The resolved configuration as TOML; reading it gives the same configuration. */
export function writeConfig(config: RunConfig): string {
  return writeToml(config as unknown as TomlTable);
}

/** Every section and key with its default, its meaning and what it allows, as commented TOML. */
export function commentedDefaults(): string {
  const schema = z.toJSONSchema(RunSchema, { io: "input" }) as JsonSchema;
  const sections = Object.entries(schema.properties ?? {}).map(([name, section]) =>
    commentedTable([name], section, ""),
  );
  const header =
    "# Configuration of an empg run. Every value below is the default: delete what you do not change.\n";
  return [header, ...sections].join("\n");
}

/** A key without a default stands commented out, an optional table as a whole. */
function commentedTable(path: readonly string[], table: JsonSchema, mark: string): string {
  const title = table.description === undefined ? "" : `  # ${table.description}`;
  const lines = [`${mark}[${path.join(".")}]${title}`];
  const nested: string[] = [];
  const [usual, ...others] = branches(table);
  for (const [key, value] of Object.entries(usual?.properties ?? {})) {
    if (value.properties !== undefined) {
      nested.push(commentedTable([...path, key], value, value.default === undefined ? "# " : mark));
      continue;
    }
    lines.push("", ...comment(value, mark), assignment(key, value, mark));
  }
  for (const other of others) lines.push(...variant(usual?.properties ?? {}, other));
  return [`${lines.join("\n")}\n`, ...nested].join("\n");
}

/** A key with its default; one that has none stands commented out. */
function assignment(key: string, value: JsonSchema, mark: string): string {
  const fallback = value.default ?? value.const;
  if (fallback === undefined) return `# ${key} = ${value.type === "array" ? '["…"]' : '"…"'}`;
  return `${mark}${key} = ${writeTomlValue(fallback as TomlValue)}`;
}

/** Another variant of a table, commented out: the keys in which it is not as the usual one. */
function variant(
  usual: Readonly<Record<string, JsonSchema>>,
  { properties = {} }: JsonSchema,
): string[] {
  return Object.entries(properties).flatMap(([key, value]) => {
    const known = usual[key];
    if (value.const !== undefined) return ["", assignment(key, value, "# ")];
    if (known !== undefined && known.default === value.default) return [];
    return [...(known === undefined ? comment(value, "#   ") : []), assignment(key, value, "#   ")];
  });
}

/** What a key means, and in brackets what it allows, on a second line where one is too short. */
function comment(value: JsonSchema, mark: string): string[] {
  const meaning = `${mark}# ${value.description ?? ""}`;
  if (value.additionalProperties !== undefined) return [meaning];
  const allowed = `[${allowedText(value)}]`;
  const fits = meaning.length + 1 + allowed.length <= 100;
  return fits ? [`${meaning} ${allowed}`] : [meaning, `${mark}# ${allowed}`];
}
