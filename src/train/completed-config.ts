import { isObject } from "../core/is-object.ts";
import { RunSchema, withUnnamed } from "./config.ts";

type Table = Readonly<Record<string, unknown>>;

/**
 * A resolved configuration of another version, with today's defaults for the keys that it lacks. What it says stays,
 * keys and values that this version does not know too.
 */
export function completedConfig(table: Table): Table {
  const known = structuredClone(table);
  for (;;) {
    const parsed = RunSchema.safeParse(withUnnamed(known));
    if (parsed.success) return merged(parsed.data, table);
    let removed = false;
    for (const issue of parsed.error.issues) {
      const path = issue.path.map(String);
      const unknown = issue.code === "unrecognized_keys" ? issue.keys : [path.pop() ?? ""];
      for (const key of unknown) removed = remove(known, path, key) || removed;
    }
    if (!removed) return table;
  }
}

/** @returns whether there was something to remove */
function remove(table: Table, path: readonly string[], key: string): boolean {
  let place: unknown = table;
  for (const name of path) place = isObject(place) ? place[name] : undefined;
  return isObject(place) && Object.hasOwn(place, key) && Reflect.deleteProperty(place, key);
}

/** What `own` says, and where it says nothing what `defaults` do. */
function merged(defaults: Table, own: Table): Table {
  const result: Record<string, unknown> = { ...defaults, ...own };
  for (const [key, value] of Object.entries(own)) {
    const other = defaults[key];
    if (isObject(value) && isObject(other)) result[key] = merged(other, value);
  }
  return result;
}
