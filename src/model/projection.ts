import type { Pass } from "../gpu/pass.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { linear, linearBackwardInput, linearBackwardWeight } from "../ops/transformer/matmul.ts";
import { columnSum } from "../ops/transformer/rows.ts";
import { type ModelConfig, qkvWidth } from "./config.ts";
import { adapterBackward, addAdapter, type LayerAdapters } from "./lora.ts";
import type { Model } from "./model.ts";
import type { LayerWeights, Weights } from "./weights.ts";

/** The matrix products of a decoder layer: one door for the base weights and the adapters beside them. */
export const PROJECTIONS = ["qkv", "output", "gateUp", "down"] as const;
export type ProjectionName = (typeof PROJECTIONS)[number];

/** Numbers that a projection reads and writes per token. */
export function projectionSize(config: ModelConfig, name: ProjectionName) {
  const { width, innerWidth, heads, headDim } = config;
  switch (name) {
    case "qkv":
      return { inner: width, cols: qkvWidth(config) };
    case "output":
      return { inner: heads * headDim, cols: width };
    case "gateUp":
      return { inner: width, cols: 2 * innerWidth };
    case "down":
      return { inner: innerWidth, cols: width };
  }
}

/** Which projection of which layer, over how many rows. */
export interface ProjectionCall {
  readonly layer: number;
  readonly name: ProjectionName;
  readonly rows: number;
}

/** What flows back of the weights that are trained: all of them, or the adapter's. */
export interface Gradients {
  readonly weights?: Weights;
  readonly adapter?: readonly LayerAdapters[];
}

/** y (rows, cols) = x (rows, inner) · wᵀ + bias, adapters included; `accumulate` adds to y. */
export function project(
  pass: Pass,
  { config, weights, adapter }: Model,
  { layer, name, rows, accumulate }: ProjectionCall & { accumulate?: boolean },
  { x, y, low }: { x: Tensor; y: Tensor; low?: Tensor | undefined },
): void {
  const size = { rows, ...projectionSize(config, name) };
  const own = weights.layers[layer]!;
  const bias = biasOf(own, name);
  const io = { x, w: own[name], y, ...(bias ? { bias } : {}) };
  linear(pass, io, { ...size, accumulate: accumulate ?? false });
  if (!adapter || !low) return;
  for (const part of adapter.layers[layer]![name]) {
    addAdapter(pass, part, { x, y, low }, { ...size, scale: adapter.scale });
  }
}

/** xGrad (rows, inner) is written whole; the gradients of the weights that are trained are added to. */
export function projectBackward(
  pass: Pass,
  { config, weights, adapter }: Model,
  { layer, name, rows }: ProjectionCall,
  io: {
    x: Tensor;
    yGrad: Tensor;
    xGrad: Tensor;
    low?: Tensor | undefined;
    lowGrad?: Tensor | undefined;
  },
  grads: Gradients,
): void {
  const { x, yGrad, xGrad, low, lowGrad } = io;
  const size = { rows, ...projectionSize(config, name) };
  const w = weights.layers[layer]![name];
  const own = grads.weights?.layers[layer];
  if (own) {
    const bias = biasOf(own, name);
    if (bias) columnSum(pass, { x: yGrad, out: bias }, size);
    linearBackwardWeight(pass, { yGrad, x, wGrad: own[name] }, size);
  }
  linearBackwardInput(pass, { yGrad, w, xGrad }, size);
  if (!adapter || !low || !lowGrad) return;
  adapter.layers[layer]![name].forEach((part, i) => {
    const grad = grads.adapter?.[layer]?.[name][i];
    const flow = { x, yGrad, xGrad, low, lowGrad };
    adapterBackward(pass, part, grad, flow, { ...size, scale: adapter.scale });
  });
}

/** Only queries, keys and values have biases in Qwen2. */
function biasOf(weights: LayerWeights, name: ProjectionName): Tensor | undefined {
  return name === "qkv" ? weights.qkvBias : undefined;
}
