import type { Gpu } from "../gpu/device.ts";
import type { Trainer } from "../model/trainer.ts";
import { readLatestCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import type { Policy } from "./policy.ts";

/** What a run must remember beside its weights and moments to go on as if it had not stopped. */
export interface RunState {
  /** Iterations done. */
  readonly iteration: number;
  /** Updates skipped in a row up to here. */
  readonly skipped: number;
}

/** Puts the newest whole checkpoint of a run on the device; `notes` say which damaged ones were passed over. */
export function restore(
  gpu: Gpu,
  runDirectory: string,
  { model }: Policy,
  { moments }: Trainer,
): RunState & { readonly notes: readonly string[] } {
  const found = readLatestCheckpoint(runDirectory);
  if (!found) return { iteration: 0, skipped: 0, notes: [] };
  gpu.write(model.weights.arena, found.values);
  gpu.write(moments.m, found.m);
  gpu.write(moments.v, found.v);
  const { skipped } = found.state;
  const { iteration, notes } = found;
  return { iteration, skipped: typeof skipped === "number" ? skipped : 0, notes };
}

/** Writes a checkpoint of what is on the device, and removes all but the `keep` newest. */
export async function save(
  gpu: Gpu,
  runDirectory: string,
  { model, files, tokenizer }: Policy,
  { moments }: Trainer,
  { iteration, skipped }: RunState,
  keep: number,
): Promise<void> {
  const [values, m, v] = await gpu.readAll([model.weights.arena, moments.m, moments.v]);
  const numbers = {
    values: values as Float32Array<ArrayBuffer>,
    m: m as Float32Array,
    v: v as Float32Array,
  };
  const tokens = { eos: tokenizer.endOfTurn, pad: tokenizer.pad };
  writeCheckpoint(
    runDirectory,
    { ...files, ...numbers, iteration, state: { skipped }, tokens },
    keep,
  );
}
