import type { Scope } from "../gpu/memory.ts";
import type { Pass } from "../gpu/pass.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { attentionBackward } from "../ops/transformer/attention.ts";
import { embeddingBackward } from "../ops/transformer/embedding.ts";
import { rmsNormBackward } from "../ops/transformer/rms-norm.ts";
import { ropeBackward } from "../ops/transformer/rope.ts";
import { swigluBackward } from "../ops/transformer/swiglu.ts";
import type { Activations } from "./activations.ts";
import { type ModelConfig, qkvWidth } from "./config.ts";
import { recomputeLayer } from "./forward.ts";
import type { Model } from "./model.ts";
import { KEY_TILE_WORDS, type Packed, TILE_WORDS } from "./packing.ts";
import { type Gradients, projectBackward } from "./projection.ts";

/** Room for the gradients that flow through one layer at a time. */
export interface BackwardScratch {
  /** Gradient of the residual stream: (T, D). The caller fills it with the gradient of the last layer's output. */
  readonly residual: Tensor;
  readonly normed: Tensor;
  readonly inner: Tensor;
  readonly attended: Tensor;
  readonly qkv: Tensor;
  readonly delta: Tensor;
  readonly queryTiles: Tensor;
  readonly keyTiles: Tensor;
  readonly tokenIds: Tensor;
  readonly tokenOffsets: Tensor;
  readonly tokenRows: Tensor;
  /** Gradient of x·Aᵀ of the adapter at hand: (T, rank); absent without adapters. */
  readonly lowGrad?: Tensor;
}

export function allocateBackward(
  scope: Scope,
  config: ModelConfig,
  { capacity, rank = 0 }: { capacity: number; rank?: number },
): BackwardScratch {
  const { width, heads, headDim, innerWidth } = config;
  return {
    residual: scope.f32("residual gradient", [capacity, width]),
    normed: scope.f32("normed gradient", [capacity, width]),
    inner: scope.f32("mlp gradient", [capacity, innerWidth]),
    attended: scope.f32("attended gradient", [capacity, heads * headDim]),
    qkv: scope.f32("qkv gradient", [capacity, qkvWidth(config)]),
    delta: scope.f32("attention delta", [capacity, heads]),
    queryTiles: scope.u32("backward query tiles", [capacity * TILE_WORDS]),
    keyTiles: scope.u32("backward key tiles", [capacity * KEY_TILE_WORDS]),
    tokenIds: scope.u32("token ids", [capacity]),
    tokenOffsets: scope.u32("token offsets", [capacity + 1]),
    tokenRows: scope.u32("token rows", [capacity]),
    ...(rank > 0 ? { lowGrad: scope.f32("low-rank gradient", [capacity, rank]) } : {}),
  };
}

/**
 * From the gradient of the last layer's output, in `scratch.residual`, to all of `grads`, which are added to; frozen weights have none.
 * @param uniqueTokens different tokens of the batch
 */
export function backward(
  pass: Pass,
  model: Model,
  activations: Activations,
  scratch: BackwardScratch,
  grads: Gradients,
  batch: Packed,
  uniqueTokens: number,
): void {
  const last = model.config.layers - 1;
  for (let layer = last; layer >= 0; layer--) {
    // The last layer's activations are still there.
    if (activations.keep === "inputs" && layer < last) {
      recomputeLayer(pass, model, activations, layer, batch);
    }
    mlpBackward(pass, model, activations, scratch, grads, { layer, rows: batch.tokens.length });
    selfAttentionBackward(pass, model, activations, scratch, grads, { layer, batch });
  }
  for (const { tensor, firstRow, rows: block } of grads.weights?.embedding ?? []) {
    const io = {
      ids: scratch.tokenIds,
      offsets: scratch.tokenOffsets,
      rowsOf: scratch.tokenRows,
      outGrad: scratch.residual,
      tableGrad: tensor,
    };
    const { width } = model.config;
    embeddingBackward(pass, io, { unique: uniqueTokens, width, first: firstRow, block });
  }
}

function mlpBackward(
  pass: Pass,
  model: Model,
  { layers, low }: Activations,
  scratch: BackwardScratch,
  grads: Gradients,
  { layer, rows }: { layer: number; rows: number },
): void {
  const { width, innerWidth } = model.config;
  const own = grads.weights?.layers[layer];
  const a = layers[layer]!;
  const { residual, normed, inner, lowGrad } = scratch;
  const down = { x: a.inner, yGrad: residual, xGrad: inner, low, lowGrad };
  projectBackward(pass, model, { layer, name: "down", rows }, down, grads);
  swigluBackward(pass, { yGrad: inner, gateUp: a.gateUp }, { rows, width: innerWidth });
  const gateUp = { x: a.middleNormed, yGrad: a.gateUp, xGrad: normed, low, lowGrad };
  projectBackward(pass, model, { layer, name: "gateUp", rows }, gateUp, grads);
  const norm = {
    x: a.middle,
    weight: model.weights.layers[layer]!.attentionNorm,
    scale: a.middleScale,
    yGrad: normed,
    xGrad: residual,
    weightGrad: own?.attentionNorm,
  };
  rmsNormBackward(pass, norm, { rows, width });
}

function selfAttentionBackward(
  pass: Pass,
  model: Model,
  { layers, positions, low }: Activations,
  scratch: BackwardScratch,
  grads: Gradients,
  { layer, batch }: { layer: number; batch: Packed },
): void {
  const rows = batch.tokens.length;
  const tiles = {
    queries: batch.backwardTiles.length / TILE_WORDS,
    keys: batch.keyTiles.length / KEY_TILE_WORDS,
  };
  const { config, weights, attention, ropeTable } = model;
  const { width, heads, keyHeads, headDim } = config;
  const own = grads.weights?.layers[layer];
  const a = layers[layer]!;
  const { residual, normed, attended, delta, lowGrad } = scratch;
  const output = { x: a.attended, yGrad: residual, xGrad: attended, low, lowGrad };
  projectBackward(pass, model, { layer, name: "output", rows }, output, grads);
  const io = {
    qkv: a.qkv,
    out: a.attended,
    lse: a.lse,
    outGrad: attended,
    qkvGrad: scratch.qkv,
    delta,
    queryTiles: scratch.queryTiles,
    keyTiles: scratch.keyTiles,
  };
  attentionBackward(pass, attention, io, tiles);
  const turned = { rows, heads: heads + keyHeads, headDim, stride: qkvWidth(config) };
  ropeBackward(pass, { x: scratch.qkv, positions, table: ropeTable }, turned);
  const qkv = { x: a.inputNormed, yGrad: scratch.qkv, xGrad: normed, low, lowGrad };
  projectBackward(pass, model, { layer, name: "qkv", rows }, qkv, grads);
  const norm = {
    x: a.input,
    weight: weights.layers[layer]!.inputNorm,
    scale: a.inputScale,
    yGrad: normed,
    xGrad: residual,
    weightGrad: own?.inputNorm,
  };
  rmsNormBackward(pass, norm, { rows, width });
}
