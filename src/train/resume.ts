import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { validate } from "../core/validate.ts";
import type { Gpu } from "../gpu/device.ts";
import { readAdapterDirectory } from "../model/adapter-directory.ts";
import { namedTensors, upload } from "../model/arena.ts";
import { readModelDirectory } from "../model/directory.ts";
import type { Trainable } from "../model/trainable.ts";
import { readValueHead } from "../model/value-head-file.ts";
import {
  type FoundCheckpoint,
  readLatestCheckpoint,
  readMoments,
  writeCheckpoint,
} from "./checkpoint.ts";
import type { Policy } from "./policy.ts";
import { saveTrained } from "./save-model.ts";

/** What a run must remember beside its weights and moments to go on as if it had not stopped. */
export interface RunState {
  /** Iterations done. */
  iteration: number;
  /** Tokens generated in their rollouts, and in those that a rollback undid. */
  tokens: number;
  /** Updates that moved the weights. */
  applied: number;
  /** Updates skipped in a row up to here. */
  skipped: number;
  /** The evaluations after the last iteration are not done, or not all of them. */
  evaluationsDue: boolean;
  /** How often the run went back to an earlier checkpoint. */
  rollbacks: number;
  /** What the learning rate is multiplied by since then. */
  rateFactor: number;
}

const BEGINNING: RunState = {
  ...{ iteration: 0, tokens: 0, applied: 0, skipped: 0, evaluationsDue: true },
  ...{ rollbacks: 0, rateFactor: 1 },
};

const Remembered = z.object({
  tokens: z.int().min(0),
  applied: z.int().min(0),
  skipped: z.int().min(0),
  evaluationsDue: z.boolean(),
  rollbacks: z.int().min(0).default(0),
  rateFactor: z.number().gt(0).max(1).default(1),
});

/** Names of the moments in a file: these, then the parameter's. */
const FIRST = "m.";
const SECOND = "v.";

/** Puts the newest whole checkpoint of a run on the device; `notes` say which damaged ones were passed over. */
export async function restore(
  gpu: Gpu,
  runDirectory: string,
  policy: Policy,
  trainable: Trainable,
): Promise<RunState & { readonly notes: readonly string[] }> {
  const found = readLatestCheckpoint(runDirectory);
  if (!found) return { ...BEGINNING, notes: [] };
  return { ...(await load(gpu, found, policy, trainable)), notes: found.notes };
}

/** Puts a checkpoint on the device. */
export async function load(
  gpu: Gpu,
  found: FoundCheckpoint,
  { model }: Policy,
  trainable: Trainable,
): Promise<RunState> {
  const { path, iteration } = found;
  const remembered = validate(Remembered, found.state, `${path}/state.json: state`);
  const { weights } = model.adapter
    ? readAdapterDirectory(path, model.config)
    : readModelDirectory(path);
  await trainable.load(gpu, weights);
  await restoreMoments(gpu, path, trainable.moments);
  const { valueHead } = trainable;
  if (valueHead) {
    const head = readValueHead(path, model.config.width);
    if (!head) throw new UserError(`${path}: value_head.safetensors is missing`);
    await upload(gpu, valueHead.weights, head);
    await restoreMoments(gpu, path, valueHead.moments);
  }
  return { iteration, ...remembered };
}

async function restoreMoments(gpu: Gpu, path: string, { m, v }: Trainable["moments"]) {
  await upload(gpu, m, readMoments(path, m.layout, FIRST));
  await upload(gpu, v, readMoments(path, v.layout, SECOND));
}

/** Writes a checkpoint of what is on the device, and removes older ones as `writeCheckpoint` does. */
export async function save(
  gpu: Gpu,
  runDirectory: string,
  policy: Policy,
  trainable: Trainable,
  { iteration, ...state }: RunState,
  keep: number,
  from?: number,
): Promise<void> {
  const moved = [trainable, ...(trainable.valueHead ? [trainable.valueHead] : [])];
  const moments = moved.flatMap(({ moments: { m, v } }) => [
    ...namedTensors(gpu, m, FIRST),
    ...namedTensors(gpu, v, SECOND),
  ]);
  const writeModel = (path: string) => saveTrained(gpu, path, policy, trainable);
  await writeCheckpoint(runDirectory, { iteration, state, moments, writeModel }, keep, from);
}
