import adamwSource from "../../../shaders/optimizer/adamw.wgsl" with { type: "text" };
import { defineKernel } from "../../gpu/kernel.ts";
import type { Pass } from "../../gpu/pass.ts";
import { elementForm } from "../../gpu/row-kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";

export const adamwKernel = defineKernel({
  name: "adamw",
  buffers: { grad: "read", clip: "read", m: "read_write", v: "read_write", w: "read_write" },
  params: {
    first: "u32",
    count: "u32",
    learning_rate: "f32",
    beta1: "f32",
    beta2: "f32",
    epsilon: "f32",
    weight_decay: "f32",
    correction1: "f32",
    correction2: "f32",
  },
  gpu: elementForm(adamwSource, ["count"]),
});

export interface AdamwOptions {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Updates done, this one included. */
  readonly step: number;
}

/** One AdamW update of elements [first, first + count) of w, with moments m and v; grad is scaled by clip[1]. */
export function adamw(
  pass: Pass,
  io: { grad: Tensor; clip: Tensor; m: Tensor; v: Tensor; w: Tensor },
  range: { first: number; count: number },
  options: AdamwOptions,
): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = options;
  pass.run(adamwKernel, io, {
    ...range,
    learning_rate: learningRate,
    beta1,
    beta2,
    epsilon,
    weight_decay: weightDecay,
    correction1: 1 - beta1 ** step,
    correction2: 1 - beta2 ** step,
  });
}
