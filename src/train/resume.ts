import type { Gpu } from "../gpu/device.ts";
import { readAdapterDirectory } from "../model/adapter-directory.ts";
import { namedTensors, upload } from "../model/arena.ts";
import { readModelDirectory } from "../model/directory.ts";
import type { Trainable } from "../model/trainable.ts";
import { readLatestCheckpoint, readMoments, writeCheckpoint } from "./checkpoint.ts";
import type { Policy } from "./policy.ts";
import { saveTrained } from "./save-model.ts";

/** What a run must remember beside its weights and moments to go on as if it had not stopped. */
export interface RunState {
  /** Iterations done. */
  readonly iteration: number;
  /** Updates skipped in a row up to here. */
  readonly skipped: number;
}

/** Names of the moments in a file: these, then the parameter's. */
const FIRST = "m.";
const SECOND = "v.";

/** Puts the newest whole checkpoint of a run on the device; `notes` say which damaged ones were passed over. */
export async function restore(
  gpu: Gpu,
  runDirectory: string,
  { model }: Policy,
  trainable: Trainable,
): Promise<RunState & { readonly notes: readonly string[] }> {
  const found = readLatestCheckpoint(runDirectory);
  if (!found) return { iteration: 0, skipped: 0, notes: [] };
  const { path, iteration, notes, state } = found;
  const { weights } = model.adapter
    ? readAdapterDirectory(path, model.config)
    : readModelDirectory(path);
  const { m, v } = trainable.moments;
  await trainable.load(gpu, weights);
  await upload(gpu, m, readMoments(path, m.layout, FIRST));
  await upload(gpu, v, readMoments(path, v.layout, SECOND));
  return { iteration, skipped: typeof state.skipped === "number" ? state.skipped : 0, notes };
}

/** Writes a checkpoint of what is on the device, and removes all but the `keep` newest. */
export async function save(
  gpu: Gpu,
  runDirectory: string,
  policy: Policy,
  trainable: Trainable,
  { iteration, skipped }: RunState,
  keep: number,
): Promise<void> {
  const { m, v } = trainable.moments;
  const moments = [...namedTensors(gpu, m, FIRST), ...namedTensors(gpu, v, SECOND)];
  const writeModel = (path: string) => saveTrained(gpu, path, policy, trainable);
  await writeCheckpoint(runDirectory, { iteration, state: { skipped }, moments, writeModel }, keep);
}
