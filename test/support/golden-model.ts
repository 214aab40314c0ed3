/** The engine's doors as golden tests use them: whatever changes behind, only this file changes with it. */

import type { Gpu } from "../../src/gpu/device.ts";
import type { Scope } from "../../src/gpu/memory.ts";
import { readTensors } from "../../src/model/arena.ts";
import { readModelDirectory } from "../../src/model/directory.ts";
import type { LoraConfig } from "../../src/model/lora.ts";
import { createModel, type Model, withAdapter } from "../../src/model/model.ts";
import { hostSource } from "../../src/model/tensor-source.ts";
import { Trainer } from "../../src/model/trainer.ts";
import { safetensorsChunks } from "../../src/model/write-safetensors.ts";
import { doubles } from "./decoder.ts";
import { TemporaryDirectory } from "./temporary.ts";

/** A tensor of a golden vector. */
export interface GoldenTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}

/** Tensors become a model by way of a directory, as a user's would. @param config what config.json holds */
export async function openTensors(
  gpu: Gpu,
  scope: Scope,
  config: object,
  tensors: readonly GoldenTensor[],
): Promise<Model> {
  using directory = new TemporaryDirectory();
  directory.file("config.json", JSON.stringify(config));
  directory.file("tokenizer.json", "{}");
  const named = tensors.map((tensor) => ({ ...tensor, pieces: () => [tensor.values] }));
  const chunks = await Array.fromAsync(safetensorsChunks(named));
  directory.file("model.safetensors", Buffer.concat(chunks));
  const files = readModelDirectory(directory.path);
  return await createModel(gpu, scope, files.config, files.weights, files.config.maxPositions);
}

/** A model with an adapter beside it. @param tensors by PEFT's names without their prefix */
export function openAdapted(
  gpu: Gpu,
  scope: Scope,
  model: Model,
  config: LoraConfig,
  tensors: readonly GoldenTensor[],
): Promise<Model> {
  const named = tensors.map(({ name, values }) => [`base_model.model.${name}`, values] as const);
  return withAdapter(gpu, scope, model, { config, weights: hostSource(new Map(named)) });
}

export function openTrainer(gpu: Gpu, scope: Scope, model: Model, capacity: number): Trainer {
  return new Trainer(gpu, scope, model, capacity);
}

/**
 * The gradient of the last update by Hugging Face name, or PEFT's without its prefix: with beta1 = 0 and
 * nothing clipped, the first moment is the gradient that the optimizer was given.
 */
export async function lastGradients(gpu: Gpu, trainer: Trainer) {
  const found = doubles(await readTensors(gpu, trainer.trainable.moments.m));
  return new Map(
    [...found].map(([name, values]) => [name.replace("base_model.model.", ""), values]),
  );
}
