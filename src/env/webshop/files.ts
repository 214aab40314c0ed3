/** The files of a catalogue by their official names, each plain or gzipped. */
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { unreadable } from "../../core/text-file.ts";

export interface DataFiles {
  readonly items: string;
  readonly attributes: string;
  readonly human?: string | undefined;
  /** Prices and goals that were drawn before, if they are there for this seed. */
  readonly prices?: string | undefined;
  readonly goals?: string | undefined;
}

const ITEMS = /^items_shuffle((?:_\d+)?)\.json(?:\.gz)?$/;
/** Of several catalogues in a directory the one that published results use. */
const USUAL = "_1000";

/**
 * @param path a directory, or the catalogue's own file with the others beside it
 * @throws UserError naming what is missing
 */
export function findDataFiles(path: string, seed: number): DataFiles {
  const isFile = !isDirectory(path);
  const folder = isFile ? dirname(path) : path;
  const names = list(folder);
  const named = isFile ? basename(path) : usualItems(names, path);
  const suffix = ITEMS.exec(named)?.[1];
  if (suffix === undefined) {
    throw new UserError(
      `${path}: found "${named}", allowed: items_shuffle.json, items_shuffle_N.json`,
    );
  }
  const find = (...stems: readonly string[]) => {
    const wanted = stems.flatMap((stem) => [`${stem}.json`, `${stem}.json.gz`]);
    const found = wanted.find((name) => names.includes(name));
    return found === undefined ? undefined : join(folder, found);
  };
  const attributes = find(`items_ins_v2${suffix}`, "items_ins_v2");
  if (attributes === undefined) {
    throw new UserError(`${folder}: no items_ins_v2${suffix}.json beside ${named}`);
  }
  return {
    items: join(folder, named),
    attributes,
    human: find(`items_human_ins${suffix}`, "items_human_ins"),
    prices: find(`product_prices${suffix}_seed${seed}`),
    goals: find(`goals_synthetic${suffix}_seed${seed}`),
  };
}

function usualItems(names: readonly string[], path: string): string {
  const items = names.filter((name) => ITEMS.test(name)).sort();
  const usual = items.find((name) => ITEMS.exec(name)?.[1] === USUAL);
  const found = usual ?? items.find((name) => ITEMS.exec(name)?.[1] === "") ?? items[0];
  if (found !== undefined) return found;
  throw new UserError(
    `${path}: no WebShop catalogue in it`,
    "a catalogue is items_shuffle_1000.json with items_ins_v2_1000.json, or the same without _1000",
  );
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw unreadable(folder, error);
  }
}
