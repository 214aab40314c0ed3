/** A schema as words: what a key allows, for error messages and for the commented configuration. */

/** The part of JSON Schema that zod's `toJSONSchema` produces for our settings and records. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** The schema of the value at a path, of all variants that have one; undefined where the path leads nowhere. */
export function schemaAt(
  schema: JsonSchema,
  path: readonly (string | number)[],
): JsonSchema | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return schema;
  const found = branches(schema).flatMap((branch) => {
    const inner =
      typeof key === "number" ? branch.items : (branch.properties?.[key] ?? otherKeys(branch));
    return (inner && schemaAt(inner, rest)) ?? [];
  });
  return found.length > 1 ? { anyOf: found.flatMap(branches) } : found[0];
}

/** The variants of a table that a value can be: those whose constants it has. */
export function variantsOf(schema: JsonSchema, value: unknown): readonly JsonSchema[] {
  const table = typeof value === "object" && value !== null ? value : {};
  return branches(schema).filter((branch) =>
    constantsOf(branch).every(
      ([key, constant]) => (table as Record<string, unknown>)[key] === constant,
    ),
  );
}

/** The keys that tell a variant from the others, each with its value. */
export function constantsOf({ properties = {} }: JsonSchema): [key: string, value: unknown][] {
  return Object.entries(properties).flatMap(([key, { const: value }]) =>
    value === undefined ? [] : [[key, value]],
  );
}

/** The keys an object may have, over all its variants. */
export function knownKeys(schema: JsonSchema): string[] {
  return [...new Set(branches(schema).flatMap((branch) => Object.keys(branch.properties ?? {})))];
}

/** The variants of a schema; a schema without variants is its own only one. */
export function branches(schema: JsonSchema): readonly JsonSchema[] {
  return schema.oneOf ?? schema.anyOf ?? [schema];
}

function otherKeys(schema: JsonSchema): JsonSchema | undefined {
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
}

/** What a key allows, in words: `a whole number ≥ 1`, `"full" or a whole number ≥ 0`. */
export function allowedText(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return either(schema.enum.map((item) => JSON.stringify(item)));
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return either([...new Set(variants.map(allowedText))]);
  if (Array.isArray(schema.type)) return either(schema.type.map((type) => allowedText({ type })));
  switch (schema.type) {
    case "integer":
      return `a whole number${rangeText(schema)}`;
    case "number":
      return `a number${rangeText(schema)}`;
    case "boolean":
      return "true or false";
    case "string":
      if (schema.pattern !== undefined) return `a string like ${schema.pattern}`;
      return schema.minLength === undefined ? "a string" : "a string that is not empty";
    case "array": {
      const list =
        schema.minItems === undefined ? "a list" : `a list of at least ${schema.minItems}`;
      return schema.items === undefined ? list : `${list}, each ${allowedText(schema.items)}`;
    }
    case "null":
      return "null";
    default:
      return "a table of keys and values";
  }
}

function rangeText(schema: JsonSchema): string {
  const low = bound(schema.minimum, schema.exclusiveMinimum, "≥", ">");
  const high = bound(schema.maximum, schema.exclusiveMaximum, "≤", "<");
  if (low?.startsWith("≥ ") && high?.startsWith("≤ "))
    return ` from ${low.slice(2)} to ${high.slice(2)}`;
  const parts = [low, high].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : ` ${parts.join(" and ")}`;
}

/** Safe-integer bounds are the number format's own and say nothing about the setting. */
function bound(
  inclusive: number | undefined,
  exclusive: number | undefined,
  sign: string,
  strictSign: string,
): string | undefined {
  if (exclusive !== undefined) return `${strictSign} ${exclusive}`;
  if (inclusive === undefined || Math.abs(inclusive) === Number.MAX_SAFE_INTEGER) return undefined;
  return `${sign} ${inclusive}`;
}

function either(options: readonly string[]): string {
  if (options.length < 2) return options.join("");
  return `${options.slice(0, -1).join(", ")} or ${options.at(-1)}`;
}

/** A value as it was found, in at most about sixty characters. */
export function foundText(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
