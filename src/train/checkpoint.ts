/**
 * Checkpoints of a run: `checkpoints/000012/` is a model directory with the optimizer's moments, the
 * state of the run and the checksums of all files beside it; `checkpoints/latest` holds its name.
 * Each is written under another name and renamed when the disk has all of it, so at any moment the
 * newest whole one is there. Older ones go only after that.
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceDurably, syncDirectory, writeDurably } from "../core/durable-files.ts";
import { invariant, UserError } from "../core/errors.ts";
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
import {
  checkpointName,
  checkpointNames,
  clearLater,
  findDamage,
  prune,
  putInPlace,
  removeLeftovers,
} from "./checkpoint-files.ts";

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
  /** Which newer ones were passed over and why, one line each; to be shown. */
  readonly notes: readonly string[];
}

/**
 * Writes a checkpoint, then removes all but the `keep` newest (at least one). When it fails, those
 * before are untouched.
 * @throws UserError where nothing can be written, or a whole checkpoint of a later iteration is there
 * @throws Error with code ENOSPC when the disk is full; BrokenPolicyError naming a weight that is not finite
 * @returns the directory of the new checkpoint
 */
export function writeCheckpoint(
  runDirectory: string,
  checkpoint: Checkpoint & { readonly tokens: TokenIds },
  keep: number,
): string {
  const { iteration, m, v, state, values } = checkpoint;
  invariant(m.length === values.length && v.length === values.length, "moments unlike the weights");
  const stateText = jsonLine({ iteration, state });
  const directory = join(runDirectory, "checkpoints");
  const name = checkpointName(iteration);
  const path = join(directory, name);
  const partial = join(directory, `.${name}.partial`);
  try {
    mkdirSync(directory, { recursive: true });
    removeLeftovers(directory);
    clearLater(directory, iteration);
    const hashes = writeModelDirectory(partial, checkpoint);
    const write = (file: string, chunks: Iterable<Uint8Array>) => {
      hashes[file] = writeDurably(join(partial, file), chunks);
    };
    const moments = Object.entries({ m, v });
    write(
      "optimizer.safetensors",
      safetensorsChunks(
        moments.map(([key, all]) => ({ name: key, shape: [all.length], values: all })),
      ),
    );
    write("state.json", [Buffer.from(stateText)]);
    write("checksums.json", [Buffer.from(`${JSON.stringify(hashes, null, 2)}\n`)]);
    syncDirectory(partial);
    putInPlace(partial, path);
    replaceDurably(join(directory, "latest"), `${name}\n`);
    prune(directory, keep);
  } catch (error) {
    discard(partial);
    // Errors of the system itself have one; what has been explained already does not.
    throw (error as { syscall?: unknown }).syscall === undefined
      ? error
      : unreadable(path, error, "write");
  }
  return path;
}

function discard(partial: string): void {
  try {
    rmSync(partial, { recursive: true, force: true });
  } catch {
    // Why writing failed is what matters; the next checkpoint clears away what is left.
  }
}

/**
 * The newest whole checkpoint of a run; undefined when it has none at all.
 * @throws UserError when all are damaged, or a whole one is not what this version writes
 */
export function readLatestCheckpoint(runDirectory: string): FoundCheckpoint | undefined {
  const directory = join(runDirectory, "checkpoints");
  const damaged: string[] = [];
  for (const name of checkpointNames(directory)) {
    const path = join(directory, name);
    const damage = findDamage(path);
    if (damage === undefined) {
      const notes = damaged.map((reason) => `${reason}; going on from ${path}`);
      return { ...readCheckpoint(path), path, notes };
    }
    damaged.push(`${path}: ${damage}`);
  }
  if (damaged.length === 0) return undefined;
  throw new UserError(
    `no checkpoint is whole: ${damaged.join("; ")}`,
    "train into another run directory",
  );
}

const StateJson = z.strictObject({
  iteration: z.int().min(0),
  state: z.record(z.string(), z.unknown()),
});

function readCheckpoint(path: string): Checkpoint {
  const stateFile = join(path, "state.json");
  const parsed = StateJson.safeParse(JSON.parse(readFileSync(stateFile, "utf8")));
  if (!parsed.success) throw new UserError(`${stateFile}: ${z.prettifyError(parsed.error)}`);
  const model = readModelDirectory(path);
  using optimizer = openSafetensors(join(path, "optimizer.safetensors"));
  const moments = (name: string) => {
    const values = optimizer.read(name);
    if (values.length === model.values.length) return values;
    const numbers = `${values.length} numbers, the weights ${model.values.length}`;
    throw new UserError(`${optimizer.file}: "${name}" has ${numbers}`);
  };
  return { ...model, ...parsed.data, m: moments("m"), v: moments("v") };
}
