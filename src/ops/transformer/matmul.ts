import narrowSource from "../../../shaders/transformer/matmul.software.wgsl" with { type: "text" };
import wideSource from "../../../shaders/transformer/matmul.wgsl" with { type: "text" };
import alignedSource from "../../../shaders/transformer/matmul-aligned.software.wgsl" with {
  type: "text",
};
import { defineKernel } from "../../gpu/kernel.ts";
import type { Pass } from "../../gpu/pass.ts";
import { specialize } from "../../gpu/specialize.ts";
import type { Tensor } from "../../gpu/tensor.ts";

/** Results of one workgroup: the GPU form's block, and the software form's rows and columns (4 lanes). */
const BLOCK = 64;
const NARROW_ROWS = 16;
const NARROW_COLS = 4;
const FEW_ROWS = 8;
/** The software form passes four numbers round a subgroup; wider subgroups would only idle. */
const NARROW_LANES = 4;

const declaration = {
  buffers: { a: "read", b: "read", bias: "read", y: "read_write" },
  params: {
    rows: "u32",
    cols: "u32",
    inner: "u32",
    a_row: "u32",
    a_inner: "u32",
    b_inner: "u32",
    b_col: "u32",
    use_bias: "u32",
    accumulate: "u32",
  },
  gpu: { source: wideSource, workgroups: blocksOf(BLOCK, BLOCK) },
} as const;

function blocksOf(blockRows: number, blockCols: number) {
  return ({ rows, cols }: Record<string, number>) => [
    Math.ceil(cols! / blockCols),
    Math.ceil(rows! / blockRows),
  ];
}

/** Any size. */
export const matmulKernel = defineKernel({
  ...declaration,
  name: "matmul",
  software: {
    source: specialize(narrowSource, { ROWS: NARROW_ROWS, COLS: NARROW_COLS }),
    constants: { LANES: NARROW_LANES },
    workgroups: blocksOf(NARROW_ROWS, NARROW_COLS * NARROW_LANES),
  },
});

/** Axes that lie in memory in whole fours, a and b along or across the summed axis: twice as fast in software. */
function defineAligned(name: string, aByInner: boolean, bByInner: boolean, rows: number) {
  return defineKernel({
    ...declaration,
    name,
    software: {
      source: specialize(alignedSource, { ROWS: rows }),
      constants: { A_BY_INNER: Number(aByInner), B_BY_INNER: Number(bByInner) },
      workgroups: blocksOf(rows, NARROW_COLS * NARROW_LANES),
    },
  });
}
export const linearKernel = defineAligned("linear", true, true, NARROW_ROWS);
/** Half as many rows a workgroup: for generating a few sequences. Bits are those of `linearKernel`. */
export const linearFewRowsKernel = defineAligned("linear-few-rows", true, true, FEW_ROWS);
export const linearBackwardInputKernel = defineAligned("linear-input", true, false, NARROW_ROWS);
export const linearBackwardWeightKernel = defineAligned("linear-weight", false, false, NARROW_ROWS);

const inFours = (...lengths: number[]) => lengths.every((length) => length % 4 === 0);

/** y (rows, cols) = x (rows, inner) · w (cols, inner)ᵀ + bias (cols); `accumulate` adds to y. */
export function linear(
  pass: Pass,
  io: { x: Tensor; w: Tensor; y: Tensor; bias?: Tensor },
  size: { rows: number; inner: number; cols: number; accumulate?: boolean },
): void {
  const { rows, inner, cols } = size;
  const buffers = { a: io.x, b: io.w, bias: io.bias ?? io.w, y: io.y };
  const use = { use_bias: io.bias ? 1 : 0, accumulate: size.accumulate ? 1 : 0 };
  const strides = { a_row: inner, a_inner: 1, b_inner: 1, b_col: inner };
  const aligned = rows <= FEW_ROWS ? linearFewRowsKernel : linearKernel;
  const kernel = inFours(inner, cols) ? aligned : matmulKernel;
  pass.run(kernel, buffers, { rows, cols, inner, ...strides, ...use });
}

/** xGrad (rows, inner) = yGrad (rows, cols) · w (cols, inner). */
export function linearBackwardInput(
  pass: Pass,
  io: { yGrad: Tensor; w: Tensor; xGrad: Tensor },
  { rows, inner, cols }: { rows: number; inner: number; cols: number },
): void {
  const { yGrad, w, xGrad } = io;
  const strides = { a_row: cols, a_inner: 1, b_inner: inner, b_col: 1 };
  const size = { rows, cols: inner, inner: cols, ...strides, use_bias: 0, accumulate: 0 };
  const kernel = inFours(inner, cols) ? linearBackwardInputKernel : matmulKernel;
  pass.run(kernel, { a: yGrad, b: w, bias: w, y: xGrad }, size);
}

/** wGrad (cols, inner) += yGrad (rows, cols)ᵀ · x (rows, inner): micro-batches can follow one another. */
export function linearBackwardWeight(
  pass: Pass,
  io: { yGrad: Tensor; x: Tensor; wGrad: Tensor },
  { rows, inner, cols }: { rows: number; inner: number; cols: number },
): void {
  const { yGrad, x, wGrad } = io;
  const strides = { a_row: 1, a_inner: cols, b_inner: inner, b_col: 1 };
  const size = { rows: cols, cols: inner, inner: rows, ...strides, use_bias: 0, accumulate: 1 };
  const kernel = inFours(inner, cols) ? linearBackwardWeightKernel : matmulKernel;
  pass.run(kernel, { a: yGrad, b: x, bias: x, y: wGrad }, size);
}
