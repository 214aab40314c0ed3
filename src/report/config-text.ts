/** Configurations as a reader compares them: flat keys, short method names, what differs. */

import { isDeepStrictEqual } from "node:util";
import { type TomlValue, writeTomlValue } from "../core/toml.ts";
import type { ConfigTable } from "./run-files.ts";

/** `section.key` → value, in the order of the file. */
export function flatten(table: ConfigTable, prefix = ""): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [key, value] of Object.entries(table)) {
    const path = `${prefix}${key}`;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [inner, leaf] of flatten(value as ConfigTable, `${path}.`)) flat.set(inner, leaf);
    } else flat.set(path, value);
  }
  return flat;
}

export function valueText(value: unknown): string {
  return value === undefined ? "–" : writeTomlValue(value as TomlValue);
}

/** Keys on which the tables disagree, with each table's value. */
export function differences(
  tables: readonly ConfigTable[],
): { readonly key: string; readonly values: readonly unknown[] }[] {
  const flat = tables.map((table) => flatten(table));
  const keys = new Set(flat.flatMap((table) => [...table.keys()]));
  return [...keys].flatMap((key) => {
    const values = flat.map((table) => table.get(key));
    return values.every((value) => isDeepStrictEqual(value, values[0])) ? [] : [{ key, values }];
  });
}

/** Names one run among others, or where it computes: two runs that differ in these alone are of one configuration. */
export const OF_THE_RUN = ["run.seed", "run.name", "run.device", "run.memory_gib"];
/** What a device's memory may decide, beside the configuration. */
const OF_THE_MEMORY = ["train.recompute_activations", "train.micro_batch_tokens", "rollout.rows"];

/** Keys in which two configurations differ as an experiment. */
export function experimentDifferences(
  tables: readonly ConfigTable[],
): ReturnType<typeof differences> {
  return differences(tables).filter(({ key }) => !OF_THE_RUN.includes(key));
}

/** The same for runs that are to be of one configuration, whatever device each had. */
export function unlikeness(tables: readonly ConfigTable[]): ReturnType<typeof differences> {
  return experimentDifferences(tables).filter(({ key }) => !OF_THE_MEMORY.includes(key));
}

/** As methods are named on the command line: the base method, and which halves of EMPG are on. */
export function methodName(config: ConfigTable): string {
  const flat = flatten(config);
  const method = String(flat.get("algorithm.method") ?? "unknown");
  const type = flat.get("modulation.type");
  if (type !== "empg") return type === undefined || type === "none" ? method : `${method}+${type}`;
  const scaled = flat.get("modulation.k") !== 0;
  const bonus = flat.get("modulation.zeta") !== 0;
  const half = scaled ? (bonus ? "empg" : "scale") : bonus ? "clarity" : "center";
  return `${method}+${half}`;
}
