/** A critic on the policy's trunk: value = w · (final normed hidden state) + b, in single precision whatever the model is in. */

import type { Scope } from "../gpu/memory.ts";
import type { Pass } from "../gpu/pass.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { linear, linearBackwardInput, linearBackwardWeight } from "../ops/transformer/matmul.ts";
import { columnSum } from "../ops/transformer/rows.ts";
import { type Arena, allocateArena, parameterOf } from "./arena.ts";
import { type Layout, ONE_SLAB, onePart, placePlans } from "./layout.ts";

export const WEIGHT = "value_head.weight";
export const BIAS = "value_head.bias";

/** What is trained of a value head: zero until loaded. */
export interface ValueHead {
  readonly weights: Arena;
  readonly grads: Arena;
  readonly moments: { readonly m: Arena; readonly v: Arena };
  /** (capacity) of the targets' rows. */
  readonly value: Tensor;
  /** (capacity) dLoss / dvalue: what a loss writes. */
  readonly valueGrad: Tensor;
}

export function valueHeadLayout(width: number): Layout {
  return placePlans([onePart(WEIGHT, [1, width]), onePart(BIAS, [1], false)], ONE_SLAB);
}

/** @param capacity the most targets of a micro-batch */
export function allocateValueHead(scope: Scope, width: number, capacity: number): ValueHead {
  const layout = valueHeadLayout(width);
  return {
    weights: allocateArena(scope, "weights of the value head", layout),
    grads: allocateArena(scope, "gradients of the value head", layout),
    moments: {
      m: allocateArena(scope, "first moments of the value head", layout),
      v: allocateArena(scope, "second moments of the value head", layout),
    },
    value: scope.f32("target values", [capacity]),
    valueGrad: scope.f32("target value gradients", [capacity]),
  };
}

/** value (rows) of normed (rows, D). */
export function valueForward(
  pass: Pass,
  { weights }: ValueHead,
  io: { normed: Tensor; value: Tensor },
  { rows, width }: { rows: number; width: number },
): void {
  const [w, bias] = [parameterOf(weights, WEIGHT), parameterOf(weights, BIAS)];
  linear(pass, { x: io.normed, w, y: io.value, bias }, { rows, inner: width, cols: 1 });
}

/** normedGrad (rows, D) and the head's own gradients are added to. */
export function valueBackward(
  pass: Pass,
  { weights, grads }: ValueHead,
  io: { normed: Tensor; valueGrad: Tensor; normedGrad: Tensor },
  { rows, width }: { rows: number; width: number },
): void {
  const { normed: x, valueGrad: yGrad, normedGrad: xGrad } = io;
  const size = { rows, inner: width, cols: 1 };
  linearBackwardWeight(pass, { yGrad, x, wGrad: parameterOf(grads, WEIGHT) }, size);
  columnSum(pass, { x: yGrad, out: parameterOf(grads, BIAS) }, size);
  const w = parameterOf(weights, WEIGHT);
  linearBackwardInput(pass, { yGrad, w, xGrad }, { ...size, accumulate: true });
}
