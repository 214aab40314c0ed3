import type { Gpu } from "../gpu/device.ts";
import { writeAdapterDirectory } from "../model/adapter-directory.ts";
import { type Arena, namedTensors } from "../model/arena.ts";
import { writeModelDirectory } from "../model/directory.ts";
import type { Trainable } from "../model/trainable.ts";
import { writeValueHead } from "../model/value-head-file.ts";
import type { Policy } from "./policy.ts";

/**
 * Writes what training made: a model directory, or the adapter alone where the model has one, and the critic beside it.
 * @returns SHA-256 of every file, by its name
 */
export async function saveTrained(
  gpu: Gpu,
  path: string,
  policy: Policy,
  { weights, valueHead }: Trainable,
): Promise<Record<string, string>> {
  const hashes = await savePolicy(gpu, path, policy, weights);
  if (!valueHead) return hashes;
  const head = namedTensors(gpu, valueHead.weights);
  return { ...hashes, ...(await writeValueHead(path, head)) };
}

function savePolicy(
  gpu: Gpu,
  path: string,
  { model: { adapter }, files, tokenizer }: Policy,
  weights: Arena,
): Promise<Record<string, string>> {
  const tensors = namedTensors(gpu, weights);
  if (adapter) return writeAdapterDirectory(path, adapter.config, files.path, tensors);
  const tokens = { eos: tokenizer.endOfTurn, pad: tokenizer.pad };
  return writeModelDirectory(path, files, tensors, tokens);
}
