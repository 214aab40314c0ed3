/** Checks a value against a schema; the caller's mistakes come back as one readable line. */

import { z } from "zod";
import { UserError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import {
  allowedText,
  branches,
  constantsOf,
  foundText,
  type JsonSchema,
  knownKeys,
  schemaAt,
  variantsOf,
} from "./schema-text.ts";

type Path = readonly (string | number)[];

/**
 * The value with defaults filled in. The first mistake becomes a UserError naming where it stands,
 * the key, what was found and what is allowed.
 *
 * @param where the file, file and line, or option that a key comes from
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string | ((path: Path) => string),
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw result.error;
  const path = issue.path.map((key) => (typeof key === "symbol" ? String(key) : key));
  const place = (at: Path) => (typeof where === "string" ? where : where(at));
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;

  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const full = [...path, key];
    throw new UserError(
      `${place(full)}: unknown key "${full.join(".")}"`,
      hint(json, path, key, valueAt(value, path)),
    );
  }
  if (issue.code === "custom") throw new UserError(`${place(path)}: ${issue.message}`);
  const name = path.length === 0 ? "" : `${pathText(path)}: `;
  const found = foundText(valueAt(value, path));
  const allowed = allowedText(schemaAt(json, path) ?? {});
  throw new UserError(`${place(path)}: ${name}found ${found}, allowed: ${allowed}`);
}

/** `steps[3].tokens[0]` */
function pathText(path: Path): string {
  return path
    .map((key, depth) => (typeof key === "number" ? `[${key}]` : depth === 0 ? key : `.${key}`))
    .join("");
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null
        ? (inner as Record<string | number, unknown>)[key]
        : undefined,
    value,
  );
}

/**
 * The variant of the same table that has this very key; else the nearest key of the table; else the table that has this
 * very key; else the whole list.
 */
function hint(json: JsonSchema, path: Path, key: string, table: unknown): string {
  const schema = schemaAt(json, path) ?? {};
  const owners = branches(schema).filter((branch) => knownKeys(branch).includes(key));
  if (owners.length > 0) {
    const places = owners.flatMap(constantsOf).map(([name, value]) => `${name} = "${value}"`);
    return `[${path.join(".")}] has it with ${places.join(" or ")}`;
  }
  const siblings = variantsOf(schema, table).flatMap(knownKeys);
  const near = nearest(key, siblings);
  if (near !== undefined) return `did you mean "${[...path, near].join(".")}"?`;
  const elsewhere = knownKeys(json).find((section) =>
    knownKeys(schemaAt(json, [section]) ?? {}).includes(key),
  );
  if (elsewhere !== undefined) return `did you mean "${elsewhere}.${key}"?`;
  return `known keys: ${siblings.join(", ")}`;
}
