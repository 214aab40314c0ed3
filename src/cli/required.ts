/** What a command cannot do without, checked before it starts any work. */

import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../core/errors.ts";

/** The value of an option that has no default. @param usage as in `eval: --model M` */
export function required<Value>(usage: string, value: Value | undefined): Value {
  if (value !== undefined) return value;
  const [command] = usage.split(":");
  throw new UserError(`${usage} is missing`, `empg ${command} --help lists the options`);
}

/** A file that can be written and overwrites nothing. */
export function requireNewFile(option: string, path: string): void {
  if (existsSync(path)) {
    throw new UserError(
      `${option} ${path}: exists already`,
      "name another file, or remove this one",
    );
  }
  if (!existsSync(dirname(path))) {
    throw new UserError(`${option} ${path}: there is no directory ${dirname(path)}`);
  }
}

/** A directory that is not there yet, or is empty. */
export function requireNewDirectory(option: string, path: string): void {
  if (!existsSync(path)) return;
  let names: readonly string[];
  try {
    names = readdirSync(path);
  } catch {
    throw new UserError(`${option} ${path}: is not a directory`);
  }
  if (names.length > 0) {
    throw new UserError(
      `${option} ${path}: holds files already`,
      "name another directory, or empty this one",
    );
  }
}
