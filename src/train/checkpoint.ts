/**
 * Checkpoints of a run: `checkpoints/000012/` is a model directory with the optimizer's moments, the
 * state of the run and the checksums of all files beside it; `checkpoints/latest` holds its name.
 * Each is written under another name and renamed when the disk has all of it, so at any moment the
 * newest whole one is there. Older ones go only after that.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { hashFile, replaceDurably, syncDirectory, writeDurably } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import { jsonLine } from "../core/jsonl.ts";
import { unreadable } from "../core/text-file.ts";
import {
  type ModelFiles,
  readModelDirectory,
  type TokenIds,
  writeModelDirectory,
} from "../model/directory.ts";
import { openSafetensors } from "../model/safetensors.ts";
import { safetensorsChunks } from "../model/write-safetensors.ts";

/** Everything a run needs to go on as if it had not stopped. */
export interface Checkpoint extends ModelFiles {
  /** Iterations done. */
  readonly iteration: number;
  /** First and second moments of the gradient, laid out like `values`. */
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Random state and counters: JSON, finite numbers only. */
  readonly state: Readonly<Record<string, unknown>>;
}

export interface FoundCheckpoint extends Checkpoint {
  /** Its directory. */
  readonly path: string;
  /** What was passed over on the way to it and why, one line each. */
  readonly notes: readonly string[];
}

const Checksums = z.record(z.string().regex(/^[\w.-]+$/), z.string());
const StateJson = z.strictObject({
  iteration: z.int().min(0),
  state: z.record(z.string(), z.unknown()),
});

/** Without these a directory is no checkpoint, whatever its checksums say. */
const REQUIRED = [
  "config.json",
  "model.safetensors",
  "tokenizer.json",
  "optimizer.safetensors",
  "state.json",
];

/** Put behind the name of a checkpoint that is written anew, until the new one is in its place. */
const REPLACED = ".replaced";

/**
 * Writes a checkpoint and removes all but the `keep` newest. When it fails, those before are untouched.
 * @throws UserError where the directory cannot be written, or holds a whole checkpoint of a later iteration
 * @throws Error with code ENOSPC when the disk is full
 * @returns the directory of the new checkpoint
 */
export function writeCheckpoint(
  runDirectory: string,
  checkpoint: Checkpoint & { readonly tokens: TokenIds },
  keep: number,
): string {
  const { iteration, m, v, state } = checkpoint;
  const stateText = jsonLine({ iteration, state });
  const directory = join(runDirectory, "checkpoints");
  const name = `${iteration}`.padStart(6, "0");
  const path = join(directory, name);
  const partial = join(directory, `.${name}.partial`);
  try {
    mkdirSync(directory, { recursive: true });
    removeLeftovers(directory);
    refuseLater(directory, iteration);
    const hashes = writeModelDirectory(partial, checkpoint);
    const moments = [
      { name: "m", shape: [m.length], values: m },
      { name: "v", shape: [v.length], values: v },
    ];
    const write = (file: string, chunks: Iterable<Uint8Array>) => {
      hashes[file] = writeDurably(join(partial, file), chunks);
    };
    write("optimizer.safetensors", safetensorsChunks(moments));
    write("state.json", [Buffer.from(stateText)]);
    const checksums = `${JSON.stringify(hashes, null, 2)}\n`;
    writeDurably(join(partial, "checksums.json"), [Buffer.from(checksums)]);
    syncDirectory(partial);
    putInPlace(partial, path);
    syncDirectory(directory);
    replaceDurably(join(directory, "latest"), `${name}\n`);
    prune(directory, name, keep);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Where the disk was full, the name of what was being written is in the message already.
    throw isSystemError(error) && !error.message.includes(": cannot write: ")
      ? unreadable(path, error, "write")
      : error;
  }
  return path;
}

/**
 * The newest whole checkpoint of a run; undefined when there is none, though `checkpoints/` may then
 * hold damaged ones: `notes` of describeDamage names them.
 * @throws UserError when a checkpoint is whole but not one this version can read
 */
export function readLatestCheckpoint(runDirectory: string): FoundCheckpoint | undefined {
  const directory = join(runDirectory, "checkpoints");
  const notes: string[] = [];
  for (const name of checkpointNames(directory)) {
    const path = join(directory, name);
    const damage = findDamage(path);
    if (damage !== undefined) {
      notes.push(`${path}: ${damage}; using the checkpoint before it`);
      continue;
    }
    return { ...readCheckpoint(path), path, notes };
  }
  return undefined;
}
