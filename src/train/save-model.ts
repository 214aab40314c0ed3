import type { Gpu } from "../gpu/device.ts";
import { writeAdapterDirectory } from "../model/adapter-directory.ts";
import { namedTensors } from "../model/arena.ts";
import { writeModelDirectory } from "../model/directory.ts";
import type { Trainable } from "../model/trainable.ts";
import type { Policy } from "./policy.ts";

/**
 * Writes what training made: a model directory, or the adapter alone where the model has one.
 * @returns SHA-256 of every file, by its name
 */
export async function saveTrained(
  gpu: Gpu,
  path: string,
  { model: { adapter }, files, tokenizer }: Policy,
  { weights }: Trainable,
): Promise<Record<string, string>> {
  const tensors = namedTensors(gpu, weights);
  if (adapter) return writeAdapterDirectory(path, adapter.config, files.path, tensors);
  const tokens = { eos: tokenizer.endOfTurn, pad: tokenizer.pad };
  return writeModelDirectory(path, files, tensors, tokens);
}
