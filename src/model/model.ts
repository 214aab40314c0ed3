import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type Attention, defineAttention } from "../ops/transformer/attention.ts";
import { ropeTable } from "../ops/transformer/rope.ts";
import type { ModelConfig } from "./config.ts";
import { type Layout, parameterLayout } from "./layout.ts";
import { allocateWeights, type Weights } from "./weights.ts";

/** A model on a device: its numbers, and what forward and backward passes share. */
export interface Model {
  readonly config: ModelConfig;
  readonly layout: Layout;
  readonly attention: Attention;
  readonly weights: Weights;
  /** Cosines and sines for every position a run uses: (positions, headDim). */
  readonly ropeTable: Tensor;
}

/** Puts weights (an arena of parameterLayout) on the device. @param positions the longest sequence of the run */
export function createModel(
  gpu: Gpu,
  scope: Scope,
  config: ModelConfig,
  values: Float32Array,
  positions: number,
): Model {
  const layout = parameterLayout(config);
  const weights = allocateWeights(scope, "weights", config, layout);
  gpu.write(weights.arena, values);
  const table = scope.f32("rope table", [positions, config.headDim]);
  gpu.write(table, ropeTable(positions, config.headDim, config.ropeBase));
  return { config, layout, attention: defineAttention(config), weights, ropeTable: table };
}
