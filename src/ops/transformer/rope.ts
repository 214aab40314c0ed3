import source from "../../../shaders/transformer/rope.wgsl" with { type: "text" };
import { defineKernel } from "../../gpu/kernel.ts";
import type { Pass } from "../../gpu/pass.ts";
import { elementForm } from "../../gpu/row-kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";

export const ropeKernel = defineKernel({
  name: "rope",
  buffers: { positions: "read", table: "read", x: "read_write" },
  params: { rows: "u32", heads: "u32", half: "u32", stride: "u32", direction: "f32" },
  gpu: elementForm(source, ["rows", "heads", "half"]),
});

interface RopeSize {
  readonly rows: number;
  /** Heads turned: the query heads and the key heads that follow them. */
  readonly heads: number;
  readonly headDim: number;
  /** Numbers from one row of x to the next. */
  readonly stride: number;
}

/** Turns the first `heads` heads of x (rows, stride) by positions (rows), in place. */
export function rope(
  pass: Pass,
  io: { x: Tensor; positions: Tensor; table: Tensor },
  { rows, heads, headDim, stride }: RopeSize,
): void {
  pass.run(ropeKernel, io, { rows, heads, half: headDim / 2, stride, direction: 1 });
}

/** The gradient of `rope`: turns back, in place. */
export function ropeBackward(
  pass: Pass,
  io: { x: Tensor; positions: Tensor; table: Tensor },
  { rows, heads, headDim, stride }: RopeSize,
): void {
  pass.run(ropeKernel, io, { rows, heads, half: headDim / 2, stride, direction: -1 });
}

/**
 * Cosines, then sines, of every position: (positions, headDim). Made in double precision on the host,
 * since WGSL promises no accuracy for large angles.
 */
export function ropeTable(positions: number, headDim: number, base: number): Float32Array {
  const half = headDim / 2;
  const table = new Float32Array(positions * headDim);
  for (let d = 0; d < half; d++) {
    const frequency = Math.fround(1 / base ** (d / half));
    for (let position = 0; position < positions; position++) {
      const angle = Math.fround(position * frequency);
      table[position * headDim + d] = Math.cos(angle);
      table[position * headDim + half + d] = Math.sin(angle);
    }
  }
  return table;
}
