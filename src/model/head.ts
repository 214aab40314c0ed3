import type { Scope } from "../gpu/memory.ts";
import type { Pass } from "../gpu/pass.ts";
import { type Tensor, view } from "../gpu/tensor.ts";
import { tokenEntropy } from "../ops/entropy.ts";
import { type EntropyBonus, logitsBackward } from "../ops/policy-gradients.ts";
import { linear, linearBackwardInput, linearBackwardWeight } from "../ops/transformer/matmul.ts";
import { rmsNorm, rmsNormBackward } from "../ops/transformer/rms-norm.ts";
import { gatherRows, gatherRowsBackward } from "../ops/transformer/rows.ts";
import type { ModelConfig } from "./config.ts";
import type { Model } from "./model.ts";
import { type ValueHead, valueBackward, valueForward } from "./value-head.ts";
import type { Weights } from "./weights.ts";

/** Logits exist for this many bytes at a time, whatever the vocabulary. */
const LOGITS_BYTES = 64 * 2 ** 20;

/** Room for the positions whose next token counts: up to `capacity` of them. */
export interface Head {
  readonly capacity: number;
  /** Rows of the packed batch, and the token that follows each. */
  readonly rows: Tensor;
  readonly targets: Tensor;
  readonly logProb: Tensor;
  readonly entropy: Tensor;
  readonly lse: Tensor;
  /** dLoss / dlogProb: what a loss writes. */
  readonly weight: Tensor;
  readonly hidden: Tensor;
  readonly normed: Tensor;
  readonly scale: Tensor;
  readonly normedGrad: Tensor;
  readonly logits: Tensor;
  readonly chunk: number;
}

export function allocateHead(scope: Scope, config: ModelConfig, capacity: number): Head {
  const { width, vocabulary } = config;
  const fitting = Math.floor(LOGITS_BYTES / (4 * vocabulary) / 64) * 64;
  const chunk = Math.min(Math.max(fitting, 64), Math.ceil(capacity / 64) * 64);
  return {
    capacity,
    rows: scope.u32("target rows", [capacity]),
    targets: scope.u32("targets", [capacity]),
    logProb: scope.f32("log-probabilities", [capacity]),
    entropy: scope.f32("entropies", [capacity]),
    lse: scope.f32("log-sum-exp", [capacity]),
    weight: scope.f32("loss weights", [capacity]),
    hidden: scope.f32("target hidden", [capacity, width]),
    normed: scope.f32("target normed", [capacity, width]),
    scale: scope.f32("target scale", [capacity]),
    normedGrad: scope.f32("target gradient", [capacity, width]),
    logits: scope.f32("logits", [chunk, vocabulary]),
    chunk,
  };
}

/** Positions [start, start + count) of the head's arrays. */
export interface Chunk {
  readonly start: number;
  readonly count: number;
}

/** A window of one of the head's arrays, or of one laid out like them. */
export function chunkOf(tensor: Tensor, { start, count }: Chunk): Tensor {
  const [, ...inner] = tensor.shape;
  const width = inner.reduce((product, size) => product * size, 1);
  return view(tensor, start * width, [count, ...inner]);
}

/** output (T, D) → logProb, entropy and lse (count) of the targets; `each` runs while a chunk's logits exist. */
export function headForward(
  pass: Pass,
  { config, weights }: Model,
  output: Tensor,
  head: Head,
  { count, temperature }: { count: number; temperature: number },
  each?: (chunk: Chunk) => void,
): void {
  const { width, vocabulary, epsilon } = config;
  gatherRows(pass, { x: output, rows: head.rows, out: head.hidden }, { count, width });
  const norm = { x: head.hidden, weight: weights.finalNorm, y: head.normed, scale: head.scale };
  rmsNorm(pass, norm, { rows: count, width, epsilon });
  for (let start = 0; start < count; start += head.chunk) {
    const chunk = { start, count: Math.min(head.chunk, count - start) };
    projectToLogits(
      pass,
      { config, weights },
      chunkOf(head.normed, chunk),
      head.logits,
      chunk.count,
    );
    const numbers = {
      logits: head.logits,
      tokens: chunkOf(head.targets, chunk),
      logProb: chunkOf(head.logProb, chunk),
      entropy: chunkOf(head.entropy, chunk),
      lse: chunkOf(head.lse, chunk),
    };
    tokenEntropy(pass, numbers, { rows: chunk.count, cols: vocabulary, temperature });
    each?.(chunk);
  }
}

/** logits (rows, V) = normed (rows, D) · headᵀ, block by block of the vocabulary. */
export function projectToLogits(
  pass: Pass,
  { config: { width, vocabulary }, weights }: Pick<Model, "config" | "weights">,
  normed: Tensor,
  logits: Tensor,
  rows: number,
): void {
  for (const { tensor: w, firstRow, rows: cols } of weights.head) {
    const into = { at: firstRow, stride: vocabulary };
    linear(pass, { x: normed, w, y: logits }, { rows, inner: width, cols, into });
  }
}

/** A value head, and what is asked of its values. */
export interface Critic {
  readonly head: ValueHead;
  readonly loss: (pass: Pass, chunk: Chunk) => void;
}

/** A chunk's values, their loss, and its gradient, which is added to normedGrad. */
function criticise(
  pass: Pass,
  { head, loss }: Critic,
  { normed, normedGrad }: { normed: Tensor; normedGrad: Tensor },
  chunk: Chunk,
  width: number,
): void {
  const size = { rows: chunk.count, width };
  valueForward(pass, head, { normed, value: chunkOf(head.value, chunk) }, size);
  loss(pass, chunk);
  const valueGrad = chunkOf(head.valueGrad, chunk);
  valueBackward(pass, head, { normed, valueGrad, normedGrad }, size);
}

/**
 * As `headForward`; `loss` turns a chunk's logProb into `weight`, then gradients flow on, a bonus's too: the output
 * projection's and the norm's are added to `grads` unless they are frozen, and residualGrad (T, D) is written whole.
 * With a critic its `loss` turns a chunk's value into valueGrad, which flows into the same hidden states.
 */
export function headBackward(
  pass: Pass,
  model: Model,
  io: { output: Tensor; head: Head; grads: Weights | undefined; residualGrad: Tensor },
  { count, temperature }: { count: number; temperature: number },
  loss: (chunk: Chunk) => void,
  bonus?: EntropyBonus,
  critic?: Critic,
): void {
  const { weights, config } = model;
  const { width, vocabulary } = config;
  const { output, head, grads, residualGrad } = io;
  headForward(pass, model, output, head, { count, temperature }, (chunk) => {
    loss(chunk);
    const row = (tensor: Tensor) => chunkOf(tensor, chunk);
    const size = { rows: chunk.count, cols: vocabulary };
    const { logits } = head;
    const gradient = {
      weight: row(head.weight),
      tokens: row(head.targets),
      lse: row(head.lse),
      entropy: row(head.entropy),
    };
    const own = bonus && { ...bonus, weight: row(bonus.weight) };
    logitsBackward(pass, { ...gradient, logits }, { ...size, temperature }, own);
    const x = row(head.normed);
    const xGrad = row(head.normedGrad);
    weights.head.forEach(({ tensor: w, firstRow, rows: cols }, block) => {
      const from = { at: firstRow, stride: vocabulary };
      const projection = { rows: chunk.count, inner: width, cols, from };
      const wGrad = grads?.head[block]?.tensor;
      if (wGrad) linearBackwardWeight(pass, { yGrad: logits, x, wGrad }, projection);
      const accumulate = block > 0;
      linearBackwardInput(pass, { yGrad: logits, w, xGrad }, { ...projection, accumulate });
    });
    if (critic) criticise(pass, critic, { normed: x, normedGrad: xGrad }, chunk, width);
  });
  // The norm's gradient is added to zeros in `normed`, which nothing needs any more.
  pass.zero(head.normed);
  const norm = {
    x: head.hidden,
    weight: weights.finalNorm,
    scale: head.scale,
    yGrad: head.normedGrad,
    xGrad: head.normed,
    weightGrad: grads?.finalNorm,
  };
  rmsNormBackward(pass, norm, { rows: count, width });
  const scatter = { outGrad: head.normed, rows: head.rows, xGrad: residualGrad };
  gatherRowsBackward(pass, scatter, { count, width });
}
