import { isObject } from "../core/is-object.ts";
import { optionName } from "../env/options.ts";
import { optionsOf, WORLD_NAMES } from "../env/worlds.ts";
import { RunSchema, withUnnamed } from "./config.ts";

type Table = Readonly<Record<string, unknown>>;

/**
 * A resolved configuration of another version, with today's defaults for the keys and the switches of its world that it
 * lacks. What it says stays, keys and values that this version does not know too.
 */
export function completedConfig(table: Table): Table {
  return withOptions(withDefaults(table));
}

function withDefaults(table: Table): Table {
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

/** Switches are texts, whether they stood as `2`, `"2"` or `"2.0"`. */
function withOptions(table: Table): Table {
  const { env } = table;
  if (!isObject(env) || !WORLD_NAMES.includes(String(env.name))) return table;
  const declared = Object.entries(optionsOf(String(env.name)));
  const usual = declared.flatMap(([key, { fallback }]) =>
    fallback === undefined ? [] : [[optionName(key), String(fallback)]],
  );
  const readers = new Map(declared.map(([key, { read }]) => [optionName(key), read]));
  const own = isObject(env.option) ? Object.entries(env.option) : [];
  const given = own.map(([name, value]) => {
    const text = String(value);
    return [name, String(readers.get(name)?.(text) ?? text)];
  });
  return { ...table, env: { ...env, option: Object.fromEntries([...usual, ...given]) } };
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
