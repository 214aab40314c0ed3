import narrowSource from "../../../shaders/transformer/matmul.software.wgsl" with { type: "text" };
import wideSource from "../../../shaders/transformer/matmul.wgsl" with { type: "text" };
import alignedSource from "../../../shaders/transformer/matmul-aligned.software.wgsl" with {
  type: "text",
};
import { defineKernel } from "../../gpu/kernel.ts";
import type { Pass } from "../../gpu/pass.ts";
import { halfWeights, specialize } from "../../gpu/specialize.ts";
import type { Tensor } from "../../gpu/tensor.ts";

/** Results of one workgroup: the GPU form's block, and the software form's rows and columns (4 lanes). */
const BLOCK = 64;
const NARROW_ROWS = 16;
const NARROW_COLS = 4;
const FEW_ROWS = 8;
/** The software form passes four numbers round a subgroup; wider subgroups would only idle. */
const NARROW_LANES = 4;

/** What b is kept in. */
type Weight = "f32" | "f16";

const fitted = (source: string, weight: Weight) =>
  weight === "f16" ? halfWeights(source) : source;
const suffix = (weight: Weight) => (weight === "f16" ? "-f16" : "");

function declaration(weight: Weight) {
  return {
    buffers: { a: "read", b: "read", bias: "read", y: "read_write" },
    params: {
      rows: "u32",
      cols: "u32",
      inner: "u32",
      a_at: "u32",
      a_row: "u32",
      a_inner: "u32",
      b_inner: "u32",
      b_col: "u32",
      y_at: "u32",
      y_row: "u32",
      scale: "f32",
      use_bias: "u32",
      accumulate: "u32",
    },
    gpu: { source: fitted(wideSource, weight), workgroups: blocksOf(BLOCK, BLOCK) },
  } as const;
}

function blocksOf(blockRows: number, blockCols: number) {
  return ({ rows, cols }: Record<string, number>) => [
    Math.ceil(cols! / blockCols),
    Math.ceil(rows! / blockRows),
  ];
}

/** Any size. */
function defineAny(weight: Weight) {
  return defineKernel({
    ...declaration(weight),
    name: `matmul${suffix(weight)}`,
    software: {
      source: fitted(specialize(narrowSource, { ROWS: NARROW_ROWS, COLS: NARROW_COLS }), weight),
      constants: { LANES: NARROW_LANES },
      workgroups: blocksOf(NARROW_ROWS, NARROW_COLS * NARROW_LANES),
    },
  });
}

/** Axes that lie in memory in whole fours, a and b along or across the summed axis: twice as fast in software. */
function defineAligned(
  name: string,
  { aByInner, bByInner, rows }: { aByInner: boolean; bByInner: boolean; rows: number },
  weight: Weight,
) {
  return defineKernel({
    ...declaration(weight),
    name: `${name}${suffix(weight)}`,
    software: {
      source: fitted(specialize(alignedSource, { ROWS: rows }), weight),
      constants: { A_BY_INNER: Number(aByInner), B_BY_INNER: Number(bByInner) },
      workgroups: blocksOf(rows, NARROW_COLS * NARROW_LANES),
    },
  });
}

const FORWARD = { aByInner: true, bByInner: true, rows: NARROW_ROWS };
const BY_ROWS = { aByInner: true, bByInner: false, rows: NARROW_ROWS };

function defineFamily(weight: Weight) {
  return {
    any: defineAny(weight),
    linear: defineAligned("linear", FORWARD, weight),
    /** Half as many rows a workgroup: for generating a few sequences. Bits are those of `linear`. */
    fewRows: defineAligned("linear-few-rows", { ...FORWARD, rows: FEW_ROWS }, weight),
    input: defineAligned("linear-input", BY_ROWS, weight),
  };
}

/** The kernels by what the weights are kept in. */
export const matmulKernels = { f32: defineFamily("f32"), f16: defineFamily("f16") };
export const linearBackwardWeightKernel = defineAligned(
  "linear-weight",
  { ...BY_ROWS, aByInner: false },
  "f32",
);

const inFours = (...lengths: number[]) => lengths.every((length) => length % 4 === 0);

/** Columns [at, at + the product's columns) of a matrix that is `stride` wide. */
export interface Window {
  readonly at: number;
  readonly stride: number;
}

/** y (rows, cols) = scale · x (rows, inner) · w (cols, inner)ᵀ + bias (cols); `accumulate` adds to y. */
export function linear(
  pass: Pass,
  io: { x: Tensor; w: Tensor; y: Tensor; bias?: Tensor },
  size: {
    rows: number;
    inner: number;
    cols: number;
    accumulate?: boolean;
    scale?: number;
    /** Where y's columns lie, when y is wider than the product. */
    into?: Window;
  },
): void {
  const { rows, inner, cols, scale = 1, into = { at: 0, stride: cols } } = size;
  const { any, linear, fewRows } = family(io.w);
  const buffers = { a: io.x, b: io.w, bias: io.bias ?? io.w, y: io.y };
  const use = { use_bias: io.bias ? 1 : 0, accumulate: size.accumulate ? 1 : 0 };
  const strides = { a_at: 0, a_row: inner, a_inner: 1, b_inner: 1, b_col: inner };
  const place = { y_at: into.at, y_row: into.stride, scale };
  const aligned = rows <= FEW_ROWS ? fewRows : linear;
  const kernel = inFours(inner, cols, into.at, into.stride) ? aligned : any;
  pass.run(kernel, buffers, { rows, cols, inner, ...strides, ...place, ...use });
}

/** xGrad (rows, inner) = scale · yGrad (rows, cols) · w (cols, inner); `accumulate` adds to xGrad. */
export function linearBackwardInput(
  pass: Pass,
  { yGrad, w, xGrad }: { yGrad: Tensor; w: Tensor; xGrad: Tensor },
  size: {
    rows: number;
    inner: number;
    cols: number;
    accumulate?: boolean;
    scale?: number;
    /** Where yGrad's columns lie, when yGrad is wider than w has rows. */
    from?: Window;
  },
): void {
  const { rows, inner, cols, scale = 1, from = { at: 0, stride: cols } } = size;
  const { any, input } = family(w);
  const strides = { a_at: from.at, a_row: from.stride, a_inner: 1, b_inner: inner, b_col: 1 };
  const place = { y_at: 0, y_row: inner, scale, use_bias: 0 };
  const accumulate = size.accumulate ? 1 : 0;
  const kernel = inFours(inner, cols, from.at, from.stride) ? input : any;
  const params = { rows, cols: inner, inner: cols, ...strides, ...place, accumulate };
  pass.run(kernel, { a: yGrad, b: w, bias: w, y: xGrad }, params);
}

/** wGrad (cols, inner) += scale · yGrad (rows, cols)ᵀ · x (rows, inner): micro-batches can follow one another. */
export function linearBackwardWeight(
  pass: Pass,
  { yGrad, x, wGrad }: { yGrad: Tensor; x: Tensor; wGrad: Tensor },
  size: { rows: number; inner: number; cols: number; scale?: number; from?: Window },
): void {
  const { rows, inner, cols, scale = 1, from = { at: 0, stride: cols } } = size;
  const strides = { a_at: from.at, a_row: 1, a_inner: from.stride, b_inner: inner, b_col: 1 };
  const place = { y_at: 0, y_row: inner, scale, use_bias: 0, accumulate: 1 };
  const aligned = inFours(inner, cols, from.at, from.stride);
  const kernel = aligned ? linearBackwardWeightKernel : matmulKernels.f32.any;
  const params = { rows: cols, cols: inner, inner: rows, ...strides, ...place };
  pass.run(kernel, { a: yGrad, b: x, bias: x, y: wGrad }, params);
}

function family(w: Tensor) {
  return matmulKernels[w.type === "f16" ? "f16" : "f32"];
}
