import normSource from "../../../shaders/optimizer/grad-norm.wgsl" with { type: "text" };
import sumSource from "../../../shaders/optimizer/squared-sum.wgsl" with { type: "text" };
import { defineKernel } from "../../gpu/kernel.ts";
import type { Pass } from "../../gpu/pass.ts";
import { rowForms } from "../../gpu/row-kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";

/** Numbers whose squares one workgroup adds. */
const BLOCK = 8192;

export const squaredSumKernel = defineKernel({
  name: "squared-sum",
  buffers: { x: "read", partial: "write" },
  params: { count: "u32", block: "u32", first: "u32", blocks: "u32" },
  ...rowForms(sumSource, "blocks"),
});

export const gradNormKernel = defineKernel({
  name: "grad-norm",
  buffers: { partial: "read", result: "write" },
  params: { blocks: "u32", max_norm: "f32" },
  ...rowForms(normSource, 1),
});

/** Partial sums that `gradNorm` needs for gradients of these lengths. */
export function gradNormBlocks(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + Math.ceil(length / BLOCK), 0);
}

/**
 * result (2) = the global norm of all gradients, and the factor that brings it to at most maxNorm
 * (0 when the norm is not finite). `partial` holds gradNormBlocks numbers.
 */
export function gradNorm(
  pass: Pass,
  io: { grads: readonly Tensor[]; partial: Tensor; result: Tensor },
  maxNorm: number,
): void {
  let first = 0;
  for (const x of io.grads) {
    const blocks = Math.ceil(x.length / BLOCK);
    const size = { count: x.length, block: BLOCK, first, blocks };
    pass.run(squaredSumKernel, { x, partial: io.partial }, size);
    first += blocks;
  }
  const { partial, result } = io;
  pass.run(gradNormKernel, { partial, result }, { blocks: first, max_norm: maxNorm });
}
