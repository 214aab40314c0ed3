/**
 * Checkpoints of a run: `checkpoints/000012/` is a directory of the model (or the adapter) with the optimizer's moments, the
 * state of the run and the checksums of all files beside it; `checkpoints/latest` holds its name.
 * Each is written under another name and renamed when the disk has all of it, so at any moment the
 * newest whole one is there. Older ones go only after that.
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceDurably, syncDirectory, writeDurably } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import { jsonLine } from "../core/jsonl.ts";
import { writeFailure } from "../core/text-file.ts";
import type { Layout } from "../model/layout.ts";
import { openSafetensors } from "../model/safetensors.ts";
import type { NamedTensor, TensorSource } from "../model/tensor-source.ts";
import { safetensorsChunks } from "../model/write-safetensors.ts";
import {
  checkpointName,
  checkpointNames,
  clearLater,
  findDamage,
  iterationOf,
  prune,
  putInPlace,
  removeLater,
  removeLeftovers,
} from "./checkpoint-files.ts";

/** Everything a run needs to go on as if it had not stopped. */
export interface Checkpoint {
  /** Iterations done. */
  readonly iteration: number;
  /** Random state and counters: JSON, finite numbers only. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** A checkpoint with what fills it. */
export interface NewCheckpoint extends Checkpoint {
  /** First and second moments of the gradient. */
  readonly moments: readonly NamedTensor[];
  /** Writes the weights into a directory; returns SHA-256 of every file, by its name. */
  writeModel(path: string): Promise<Record<string, string>>;
}

export interface FoundCheckpoint extends Checkpoint {
  /** Its directory, which is a model directory too, or an adapter's. */
  readonly path: string;
  /** Which newer ones were passed over and why, one line each; to be shown. */
  readonly notes: readonly string[];
}

/**
 * Writes a checkpoint, then removes older ones. When it fails, those before are untouched.
 * @param keep so many of the newest stay (at least one) @param from and all of this iteration or later
 * @throws UserError where nothing can be written, or a whole checkpoint of a later iteration is there
 * @throws Error with code ENOSPC when the disk is full; BrokenPolicyError naming a weight that is not finite
 * @returns the directory of the new checkpoint
 */
export async function writeCheckpoint(
  runDirectory: string,
  { iteration, state, moments, writeModel }: NewCheckpoint,
  keep: number,
  from = Number.POSITIVE_INFINITY,
): Promise<string> {
  const stateText = jsonLine({ iteration, state });
  const directory = join(runDirectory, "checkpoints");
  const name = checkpointName(iteration);
  const path = join(directory, name);
  const partial = join(directory, `.${name}.partial`);
  try {
    mkdirSync(directory, { recursive: true });
    removeLeftovers(directory);
    clearLater(directory, iteration);
    const hashes = await writeModel(partial);
    const write = async (file: string, chunks: Parameters<typeof writeDurably>[1]) => {
      hashes[file] = await writeDurably(join(partial, file), chunks);
    };
    await write(OPTIMIZER_FILE, safetensorsChunks(moments));
    await write("state.json", [Buffer.from(stateText)]);
    await write("checksums.json", [Buffer.from(`${JSON.stringify(hashes, null, 2)}\n`)]);
    syncDirectory(partial);
    putInPlace(partial, path);
    await replaceDurably(join(directory, "latest"), `${name}\n`);
    prune(directory, keep, from);
  } catch (error) {
    discard(partial);
    throw writeFailure(path, error);
  }
  return path;
}

/** Forgets the checkpoints after an iteration whose own is there. */
export async function forgetLater(runDirectory: string, iteration: number): Promise<void> {
  const directory = join(runDirectory, "checkpoints");
  await replaceDurably(join(directory, "latest"), `${checkpointName(iteration)}\n`);
  removeLater(directory, iteration);
}

/** Beside the weights: the optimizer's moments. */
const OPTIMIZER_FILE = "optimizer.safetensors";

/** The moments of a checkpoint. @throws UserError when they are not those of `layout` */
export function readMoments(path: string, layout: Layout, prefix: string): TensorSource {
  const file = openSafetensors(join(path, OPTIMIZER_FILE));
  for (const { parts } of layout.parameters.values()) {
    for (const { name, shape } of parts) {
      const found = file.tensors.get(`${prefix}${name}`)?.shape;
      if (found?.join() === shape.join()) continue;
      const told = found ? `is (${found.join(", ")})` : "is missing";
      const problem = `"${prefix}${name}" ${told}, the run's model asks for (${shape.join(", ")})`;
      throw new UserError(`${file.file}: ${problem}`);
    }
  }
  return { read: (name, start, end) => file.read(`${prefix}${name}`, start, end) };
}

function discard(partial: string): void {
  try {
    rmSync(partial, { recursive: true, force: true });
  } catch {
    // Why writing failed is what matters; the next checkpoint clears away what is left.
  }
}

/**
 * The newest whole checkpoint of a run, among those of iterations that `accept` takes; undefined when there is none at all.
 * @throws UserError when all are damaged, or a whole one is not what this version writes
 */
export function readLatestCheckpoint(
  runDirectory: string,
  accept: (iteration: number) => boolean = () => true,
): FoundCheckpoint | undefined {
  const directory = join(runDirectory, "checkpoints");
  const damaged: string[] = [];
  for (const name of checkpointNames(directory)) {
    if (!accept(iterationOf(name))) continue;
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
  return parsed.data;
}
