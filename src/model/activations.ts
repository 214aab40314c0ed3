import type { Scope } from "../gpu/memory.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type ModelConfig, qkvWidth } from "./config.ts";
import { TILE_WORDS } from "./packing.ts";

/** What the backward pass needs of one layer. */
export interface LayerActivations {
  /** Residual stream before attention and before the MLP: (T, D). */
  readonly input: Tensor;
  readonly middle: Tensor;
  readonly inputScale: Tensor;
  readonly middleScale: Tensor;
  /** Normalised inputs of the projections: (T, D). */
  readonly inputNormed: Tensor;
  readonly middleNormed: Tensor;
  readonly qkv: Tensor;
  readonly attended: Tensor;
  readonly lse: Tensor;
  /** (T, 2·F), overwritten by its gradient in the backward pass. */
  readonly gateUp: Tensor;
  readonly inner: Tensor;
}

/** Room for the activations of up to `capacity` tokens, made once and used by every pass. */
export interface Activations {
  readonly capacity: number;
  readonly keep: Kept;
  readonly tokens: Tensor;
  readonly positions: Tensor;
  readonly tiles: Tensor;
  readonly layers: readonly LayerActivations[];
  readonly output: Tensor;
  /** x·Aᵀ of the adapter at hand: (T, rank); absent without adapters. */
  readonly low?: Tensor;
}

/**
 * What a pass leaves for the backward pass: everything of every layer, only each layer's input (the rest is
 * computed again when it is needed: a third more work for a fraction of the memory), or nothing.
 */
export type Kept = "all" | "inputs" | "nothing";

/** @param size `rank` of the adapters, 0 without */
export function allocateActivations(
  scope: Scope,
  config: ModelConfig,
  { capacity, keep, rank = 0 }: { capacity: number; keep: Kept; rank?: number },
): Activations {
  const { width, heads, headDim, innerWidth } = config;
  const input = () => scope.f32("layer input", [capacity, width]);
  const layer = (): LayerActivations => ({
    input: input(),
    middle: scope.f32("layer middle", [capacity, width]),
    inputScale: scope.f32("input scale", [capacity]),
    middleScale: scope.f32("middle scale", [capacity]),
    inputNormed: scope.f32("normed input", [capacity, width]),
    middleNormed: scope.f32("normed middle", [capacity, width]),
    qkv: scope.f32("qkv", [capacity, qkvWidth(config)]),
    attended: scope.f32("attended", [capacity, heads * headDim]),
    lse: scope.f32("attention lse", [capacity, heads]),
    gateUp: scope.f32("gate and up", [capacity, 2 * innerWidth]),
    inner: scope.f32("mlp inner", [capacity, innerWidth]),
  });
  const shared = keep === "all" ? undefined : layer();
  const layers = Array.from({ length: config.layers }, (_, i): LayerActivations => {
    if (!shared) return layer();
    return keep === "inputs" && i > 0 ? { ...shared, input: input() } : shared;
  });
  return {
    capacity,
    keep,
    tokens: scope.u32("tokens", [capacity]),
    positions: scope.u32("positions", [capacity]),
    // Short sequences fill tiles badly: in the worst case each token has a tile of its own.
    tiles: scope.u32("query tiles", [capacity * TILE_WORDS]),
    layers,
    output: scope.f32("last layer's output", [capacity, width]),
    ...(rank > 0 ? { low: scope.f32("low-rank", [capacity, rank]) } : {}),
  };
}
