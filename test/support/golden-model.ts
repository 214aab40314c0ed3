/** The engine's doors as golden tests use them: whatever changes behind, only this file changes with it. */

import type { Gpu } from "../../src/gpu/device.ts";
import type { Scope } from "../../src/gpu/memory.ts";
import type { ModelConfig } from "../../src/model/config.ts";
import { readModelDirectory } from "../../src/model/directory.ts";
import { createModel, type Model } from "../../src/model/model.ts";
import { Trainer } from "../../src/model/trainer.ts";
import { type NamedTensor, safetensorsChunks } from "../../src/model/write-safetensors.ts";
import { tensorsOf } from "./decoder.ts";
import { TemporaryDirectory } from "./temporary.ts";

/** Tensors become a model by way of a directory, as a user's would. @param config what config.json holds */
export function openTensors(
  gpu: Gpu,
  scope: Scope,
  config: object,
  tensors: readonly NamedTensor[],
): Model {
  using directory = new TemporaryDirectory();
  directory.file("config.json", JSON.stringify(config));
  directory.file("tokenizer.json", "{}");
  directory.file("model.safetensors", Buffer.concat([...safetensorsChunks(tensors)]));
  const files = readModelDirectory(directory.path);
  return createModel(gpu, scope, files.config, files.values, files.config.maxPositions);
}

export function openTrainer(gpu: Gpu, scope: Scope, model: Model, capacity: number): Trainer {
  return new Trainer(gpu, scope, model, capacity);
}

/**
 * The gradient of the last update by Hugging Face name: with beta1 = 0 and nothing clipped, the first
 * moment is the gradient that the optimizer was given.
 */
export async function lastGradients(gpu: Gpu, trainer: Trainer, config: ModelConfig) {
  const values = (await gpu.read(trainer.moments.m)) as Float32Array<ArrayBuffer>;
  return tensorsOf(config, values);
}
