import type { DeviceCapacity, Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type Attention, defineAttention } from "../ops/transformer/attention.ts";
import { ropeTable } from "../ops/transformer/rope.ts";
import { type Arena, allocateArena, upload } from "./arena.ts";
import type { ModelConfig } from "./config.ts";
import { type LayoutLimits, parameterLayout } from "./layout.ts";
import { type Adapter, allocateAdapter, type LoraConfig } from "./lora.ts";
import type { TensorSource } from "./tensor-source.ts";
import { type Weights, weightsOf } from "./weights.ts";

/** A model on a device: its numbers, and what forward and backward passes share. */
export interface Model {
  readonly config: ModelConfig;
  readonly attention: Attention;
  /** All weights; matrices in half precision where the device computes with it. */
  readonly arena: Arena;
  readonly half: boolean;
  readonly weights: Weights;
  readonly adapter?: Adapter;
  /** Cosines and sines for every position a run uses: (positions, headDim). */
  readonly ropeTable: Tensor;
}

/** How a device keeps weights: in slabs that it can bind. Rows of an odd number of halves would not lie on whole words. */
export function layoutLimits(
  { half, largestBytes }: Pick<DeviceCapacity, "half" | "largestBytes">,
  config: ModelConfig,
): LayoutLimits {
  const split = half && config.width % 2 === 0 && config.innerWidth % 2 === 0;
  return { slabElements: Math.min(Math.floor(largestBytes / 4), 2 ** 30 - 64), split };
}

/** Room for a model; its weights are zero. @param positions the longest sequence of the run */
export function allocateModel(
  scope: Scope,
  limits: LayoutLimits,
  config: ModelConfig,
  positions: number,
): Model {
  const half = limits.split;
  const arena = allocateArena(scope, "weights", parameterLayout(config, limits), half);
  const table = scope.f32("rope table", [positions, config.headDim]);
  const attention = defineAttention(config);
  return { config, attention, arena, half, weights: weightsOf(arena, config), ropeTable: table };
}

/** Puts a model on the device. */
export async function createModel(
  gpu: Gpu,
  scope: Scope,
  config: ModelConfig,
  source: TensorSource,
  positions: number,
  limits: LayoutLimits = layoutLimits(gpu.capacity, config),
): Promise<Model> {
  const model = allocateModel(scope, limits, config, positions);
  gpu.write(model.ropeTable, ropeTable(positions, config.headDim, config.ropeBase));
  await upload(gpu, model.arena, source);
  return model;
}

/** The same model with an adapter of these numbers beside its weights. */
export async function withAdapter(
  gpu: Gpu,
  scope: Scope,
  model: Model,
  { config, weights }: { config: LoraConfig; weights: TensorSource },
): Promise<Model> {
  const adapter = allocateAdapter(
    scope,
    layoutLimits(gpu.capacity, model.config),
    model.config,
    config,
  );
  await upload(gpu, adapter.arena, weights);
  return { ...model, adapter };
}
