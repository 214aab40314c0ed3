/** The index of a catalogue in a file: opened, or made sure of, before anything that takes long. */
import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { UserError } from "../../core/errors.ts";
import { unreadable } from "../../core/text-file.ts";
import { openIndex } from "../../retrieval/index-file.ts";
import type { SearchIndex } from "../../retrieval/search-index.ts";

/** @returns undefined where no file is named or it is not there yet @throws UserError for one that is no index */
export function openSavedIndex(path: string | undefined): SearchIndex | undefined {
  if (path === "") throw new UserError('webshop: option index: expected a file, found ""');
  return path !== undefined && existsSync(path) ? openIndex(path) : undefined;
}

/** @throws UserError where no file of this name can be written */
export function requireWritable(path: string): void {
  const partial = `${path}.partial`;
  try {
    closeSync(openSync(partial, "w"));
    rmSync(partial);
  } catch (error) {
    throw unreadable(path, error, "write");
  }
}
