/** What a run's `checkpoints/` holds: which names count, and whether a directory is whole. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { hashFile, syncDirectory } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";

const Checksums = z.record(z.string().regex(/^\w[\w.-]*$/), z.string());

/** Without these a directory is no checkpoint, whatever its checksums say. */
const REQUIRED = ["optimizer.safetensors", "state.json"];
const MODEL = ["config.json", "model.safetensors", "tokenizer.json"];
const ADAPTER = ["adapter_config.json", "adapter_model.safetensors"];

/** Behind the name of a checkpoint that is written anew, until the new one is in its place. */
const REPLACED = ".replaced";

export function checkpointName(iteration: number): string {
  return `${iteration}`.padStart(6, "0");
}

/** Names of the checkpoints, the newest first; whether they are whole is not looked at. */
export function checkpointNames(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => /^\d{6,}(\.replaced)?$/.test(name))
    .sort((a, b) => iterationOf(b) - iterationOf(a) || a.length - b.length);
}

export function iterationOf(name: string): number {
  return Number.parseInt(name, 10);
}

/** Why a checkpoint is not whole; undefined when it is. */
export function findDamage(path: string): string | undefined {
  let hashes: Readonly<Record<string, string>>;
  try {
    hashes = Checksums.parse(JSON.parse(readFileSync(join(path, "checksums.json"), "utf8")));
  } catch (error) {
    const gone = (error as { code?: unknown }).code === "ENOENT";
    return gone ? "checksums.json is missing" : "checksums.json cannot be read";
  }
  const weights = "adapter_config.json" in hashes ? ADAPTER : MODEL;
  for (const name of new Set([...weights, ...REQUIRED, ...Object.keys(hashes)])) {
    const file = join(path, name);
    if (!existsSync(file)) return `${name} is missing`;
    try {
      if (hashFile(file) !== hashes[name]) return `${name} does not have its checksum`;
    } catch (error) {
      return `${name} cannot be read (${(error as Error).message})`;
    }
  }
  return undefined;
}

/**
 * Makes way for the checkpoint of an iteration: a whole one of a later iteration belongs to another
 * course of training, which must not be lost or taken for this one; a damaged one is of no use.
 */
export function clearLater(directory: string, iteration: number): void {
  for (const name of checkpointNames(directory)) {
    if (iterationOf(name) <= iteration) return;
    const path = join(directory, name);
    if (findDamage(path) === undefined) {
      throw new UserError(
        `${path}: a checkpoint of iteration ${iterationOf(name)} is there, this is ${iteration}`,
        "go on from it, or train into another run directory",
      );
    }
    rmSync(path, { recursive: true, force: true });
  }
}

/** What a process that was killed left half written. */
export function removeLeftovers(directory: string): void {
  for (const name of readdirSync(directory)) {
    const left = /^\.\d{6,}\.partial$/.test(name) || name === "latest.partial";
    if (left) rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** Renames a whole checkpoint to its name. One that is there already steps aside first: directories cannot be swapped. */
export function putInPlace(partial: string, path: string): void {
  const aside = `${path}${REPLACED}`;
  if (existsSync(path)) {
    rmSync(aside, { recursive: true, force: true });
    renameSync(path, aside);
  }
  renameSync(partial, path);
  syncDirectory(join(path, ".."));
  rmSync(aside, { recursive: true, force: true });
}

/** Removes all but the `keep` newest, and those of iteration `from` on. */
export function prune(directory: string, keep: number, from: number): void {
  for (const name of checkpointNames(directory).slice(Math.max(1, keep))) {
    if (iterationOf(name) >= from) continue;
    rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** Removes the checkpoints after an iteration, the newest first: whatever is left belongs to one course of training. */
export function removeLater(directory: string, iteration: number): void {
  for (const name of checkpointNames(directory)) {
    if (iterationOf(name) <= iteration) return;
    rmSync(join(directory, name), { recursive: true, force: true });
  }
}
