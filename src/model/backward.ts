import type { Scope } from "../gpu/memory.ts";
import type { Pass } from "../gpu/pass.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { attentionBackward } from "../ops/transformer/attention.ts";
import { embeddingBackward } from "../ops/transformer/embedding.ts";
import { linearBackwardInput, linearBackwardWeight } from "../ops/transformer/matmul.ts";
import { rmsNormBackward } from "../ops/transformer/rms-norm.ts";
import { ropeBackward } from "../ops/transformer/rope.ts";
import { columnSum } from "../ops/transformer/rows.ts";
import { swigluBackward } from "../ops/transformer/swiglu.ts";
import type { Activations } from "./activations.ts";
import { type ModelConfig, qkvWidth } from "./config.ts";
import type { Model } from "./model.ts";
import { KEY_TILE_WORDS, TILE_WORDS } from "./packing.ts";
import type { Weights } from "./weights.ts";

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
}

export function allocateBackward(
  scope: Scope,
  config: ModelConfig,
  capacity: number,
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
  };
}

/** Rows, tiles and different tokens of the batch at hand. */
export interface BackwardSize {
  readonly rows: number;
  readonly queryTiles: number;
  readonly keyTiles: number;
  readonly uniqueTokens: number;
}

/** From the gradient of the last layer's output, in `scratch.residual`, to all of `grads`, which are added to. */
export function backward(
  pass: Pass,
  model: Model,
  activations: Activations,
  scratch: BackwardScratch,
  grads: Weights,
  size: BackwardSize,
): void {
  for (let layer = model.config.layers - 1; layer >= 0; layer--) {
    mlpBackward(pass, model, activations, scratch, grads, { layer, rows: size.rows });
    selfAttentionBackward(pass, model, activations, scratch, grads, { layer, ...size });
  }
  embeddingBackward(
    pass,
    {
      ids: scratch.tokenIds,
      offsets: scratch.tokenOffsets,
      rowsOf: scratch.tokenRows,
      outGrad: scratch.residual,
      tableGrad: grads.embedding,
    },
    { unique: size.uniqueTokens, width: model.config.width },
  );
}

function mlpBackward(
  pass: Pass,
  { config, weights }: Model,
  { layers }: Activations,
  scratch: BackwardScratch,
  grads: Weights,
  { layer, rows }: { layer: number; rows: number },
): void {
  const { width, innerWidth } = config;
  const w = weights.layers[layer]!;
  const g = grads.layers[layer]!;
  const a = layers[layer]!;
  const { residual, normed, inner } = scratch;
  const down = { rows, inner: innerWidth, cols: width };
  linearBackwardWeight(pass, { yGrad: residual, x: a.inner, wGrad: g.down }, down);
  linearBackwardInput(pass, { yGrad: residual, w: w.down, xGrad: inner }, down);
  swigluBackward(pass, { yGrad: inner, gateUp: a.gateUp }, { rows, width: innerWidth });
  const up = { rows, inner: width, cols: 2 * innerWidth };
  linearBackwardWeight(pass, { yGrad: a.gateUp, x: a.middleNormed, wGrad: g.gateUp }, up);
  linearBackwardInput(pass, { yGrad: a.gateUp, w: w.gateUp, xGrad: normed }, up);
  const norm = {
    x: a.middle,
    weight: w.attentionNorm,
    scale: a.middleScale,
    yGrad: normed,
    xGrad: residual,
    weightGrad: g.attentionNorm,
  };
  rmsNormBackward(pass, norm, { rows, width });
}

function selfAttentionBackward(
  pass: Pass,
  { config, weights, attention, ropeTable }: Model,
  { layers, positions }: Activations,
  scratch: BackwardScratch,
  grads: Weights,
  { layer, rows, queryTiles, keyTiles }: BackwardSize & { layer: number },
): void {
  const { width, heads, keyHeads, headDim } = config;
  const w = weights.layers[layer]!;
  const g = grads.layers[layer]!;
  const a = layers[layer]!;
  const { residual, normed, attended, delta } = scratch;
  const output = { rows, inner: heads * headDim, cols: width };
  linearBackwardWeight(pass, { yGrad: residual, x: a.attended, wGrad: g.output }, output);
  linearBackwardInput(pass, { yGrad: residual, w: w.output, xGrad: attended }, output);
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
  attentionBackward(pass, attention, io, { queries: queryTiles, keys: keyTiles });
  const cols = qkvWidth(config);
  const turned = { rows, heads: heads + keyHeads, headDim, stride: cols };
  ropeBackward(pass, { x: scratch.qkv, positions, table: ropeTable }, turned);
  columnSum(pass, { x: scratch.qkv, out: g.qkvBias }, { rows, cols });
  const qkv = { rows, inner: width, cols };
  linearBackwardWeight(pass, { yGrad: scratch.qkv, x: a.inputNormed, wGrad: g.qkv }, qkv);
  linearBackwardInput(pass, { yGrad: scratch.qkv, w: w.qkv, xGrad: normed }, qkv);
  const norm = {
    x: a.input,
    weight: w.inputNorm,
    scale: a.inputScale,
    yGrad: normed,
    xGrad: residual,
    weightGrad: g.inputNorm,
  };
  rmsNormBackward(pass, norm, { rows, width });
}
