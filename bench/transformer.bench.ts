import type { Gpu } from "../src/gpu/device.ts";
import type { Scope } from "../src/gpu/memory.ts";
import type { Pass } from "../src/gpu/pass.ts";
import { rmsNorm, rmsNormBackward } from "../src/ops/transformer/rms-norm.ts";
import { rope, ropeTable } from "../src/ops/transformer/rope.ts";
import { swiglu, swigluBackward } from "../src/ops/transformer/swiglu.ts";
import { TOLERANCE } from "../test/support/tolerances.ts";
import {
  type Benchmark,
  compareSampled,
  type Prepared,
  remember,
  type Suite,
  uniform,
  whole,
} from "./benchmark.ts";

const EPSILON = 1e-6;

interface Size {
  readonly rows: number;
  readonly width: number;
  readonly inner: number;
  readonly heads: number;
  readonly headDim: number;
}

/** A micro-batch of the benchmark model, and 8,192 tokens of Qwen2.5-0.5B; `heads` are those of queries and keys. */
const SMALL: Size = { rows: 2048, width: 128, inner: 352, heads: 6, headDim: 32 };
const LARGE: Size = { rows: 8192, width: 896, inner: 4864, heads: 16, headDim: 64 };

export const transformer: Suite = {
  name: "transformer",
  plan: (size) =>
    (size === "gpu" ? [SMALL, LARGE] : [SMALL]).flatMap(
      ({ rows, width, inner, heads, headDim }) => [
        row("rms-norm", [rows, width], 2, 4, prepareRmsNorm),
        // Both of its kernels: x and the gradient are read twice, the input's gradient is added to.
        row("rms-norm-backward", [rows, width], 6, 10, prepareRmsNormBackward),
        row("rope", [rows, heads, headDim], 2, 3, prepareRope),
        row("swiglu", [rows, inner], 3, 5, prepareSwiglu),
        row("swiglu-backward", [rows, inner], 5, 10, prepareSwigluBackward),
      ],
    ),
};

/** @param numbers numbers moved, and @param flops operations, per element of the shape */
function row<Shape extends readonly number[]>(
  name: string,
  shape: readonly [...Shape],
  numbers: number,
  flops: number,
  prepare: (gpu: Gpu, scope: Scope, ...shape: Shape) => Prepared,
): Benchmark {
  const elements = shape.reduce((product, size) => product * size, 1);
  return {
    name,
    shape: shape.join("×"),
    bytes: 4 * elements * numbers,
    flops: elements * flops,
    prepare: (gpu, scope) => prepare(gpu, scope, ...shape),
  };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** 1 / rms of every row. */
function scales(x: Float32Array, width: number): (row: number) => number {
  return remember((r) => {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += x[r * width + i]! ** 2;
    return 1 / Math.sqrt(sum / width + EPSILON);
  });
}

function prepareRmsNorm(gpu: Gpu, scope: Scope, rows: number, width: number): Prepared {
  const x = uniform(gpu, scope, "x", [rows, width]);
  const weight = uniform(gpu, scope, "weight", [width]);
  const y = scope.f32("y", [rows, width]);
  const scale = scope.f32("scale", [rows]);
  const io = { x: x.tensor, weight: weight.tensor, y, scale };
  const record = (pass: Pass) => rmsNorm(pass, io, { rows, width, epsilon: EPSILON });
  const scaleOf = scales(x.values, width);
  const at = (i: number) =>
    x.values[i]! * scaleOf(Math.floor(i / width)) * weight.values[i % width]!;
  const expected = { of: y, at, tolerance: TOLERANCE.kernel };
  return { check: () => compareSampled(gpu, record, [expected]), work: { record } };
}

function prepareRmsNormBackward(gpu: Gpu, scope: Scope, rows: number, width: number): Prepared {
  const x = uniform(gpu, scope, "x", [rows, width]);
  const weight = uniform(gpu, scope, "weight", [width]);
  const yGrad = uniform(gpu, scope, "y gradient", [rows, width]);
  const xGrad = scope.f32("x gradient", [rows, width]);
  const weightGrad = scope.f32("weight gradient", [width]);
  const scaleOf = scales(x.values, width);
  const scale = scope.f32("scale", [rows]);
  gpu.write(
    scale,
    Float32Array.from({ length: rows }, (_, r) => scaleOf(r)),
  );
  const size = { rows, width };
  const io = { x: x.tensor, weight: weight.tensor, scale, yGrad: yGrad.tensor, xGrad, weightGrad };
  const record = (pass: Pass) => {
    pass.zero(xGrad);
    pass.zero(weightGrad);
    rmsNormBackward(pass, io, size);
  };
  const pull = (i: number) => weight.values[i % width]! * yGrad.values[i]!;
  const meanOf = remember((r) => {
    let sum = 0;
    for (let i = r * width; i < (r + 1) * width; i++) sum += pull(i) * x.values[i]! * scaleOf(r);
    return sum / width;
  });
  const xGradAt = (i: number) => {
    const r = Math.floor(i / width);
    return scaleOf(r) * (pull(i) - x.values[i]! * scaleOf(r) * meanOf(r));
  };
  const weightGradAt = (column: number) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) {
      const i = r * width + column;
      sum += yGrad.values[i]! * x.values[i]! * scaleOf(r);
    }
    return sum;
  };
  const expected = [
    { of: xGrad, at: xGradAt, tolerance: TOLERANCE.gradient },
    { of: weightGrad, at: weightGradAt, tolerance: TOLERANCE.gradient },
  ];
  return { check: () => compareSampled(gpu, record, expected), work: { record } };
}

function prepareRope(
  gpu: Gpu,
  scope: Scope,
  rows: number,
  heads: number,
  headDim: number,
): Prepared {
  const base = 10_000;
  const half = headDim / 2;
  const stride = heads * headDim;
  const fresh = uniform(gpu, scope, "x", [rows, stride]);
  const x = scope.f32("turned", [rows, stride]);
  const positions = whole(gpu, scope, "positions", rows, (r) => r % 256);
  const table = scope.f32("rope table", [256, headDim]);
  gpu.write(table, ropeTable(256, headDim, base));
  const record = (pass: Pass) => {
    pass.copy(fresh.tensor, x);
    rope(pass, { x, positions: positions.tensor, table }, { rows, heads, headDim, stride });
  };
  const at = (i: number) => {
    const d = i % headDim;
    const angle = positions.values[Math.floor(i / stride)]! / base ** ((d % half) / half);
    const partner = fresh.values[d < half ? i + half : i - half]!;
    return fresh.values[i]! * Math.cos(angle) + (d < half ? -1 : 1) * partner * Math.sin(angle);
  };
  // The table's angles are rounded to f32, as everywhere a model of this family runs.
  const expected = { of: x, at, tolerance: TOLERANCE.reduction };
  return { check: () => compareSampled(gpu, record, [expected]), work: { record } };
}

function prepareSwiglu(gpu: Gpu, scope: Scope, rows: number, width: number): Prepared {
  const gateUp = uniform(gpu, scope, "gate and up", [rows, 2 * width]);
  const y = scope.f32("y", [rows, width]);
  const record = (pass: Pass) => swiglu(pass, { gateUp: gateUp.tensor, y }, { rows, width });
  const at = (i: number) => {
    const place = i + Math.floor(i / width) * width;
    const gate = gateUp.values[place]!;
    return gate * sigmoid(gate) * gateUp.values[place + width]!;
  };
  const expected = { of: y, at, tolerance: TOLERANCE.kernel };
  return { check: () => compareSampled(gpu, record, [expected]), work: { record } };
}

function prepareSwigluBackward(gpu: Gpu, scope: Scope, rows: number, width: number): Prepared {
  const fresh = uniform(gpu, scope, "gate and up", [rows, 2 * width]);
  const yGrad = uniform(gpu, scope, "y gradient", [rows, width]);
  const gateUp = scope.f32("gate and up gradient", [rows, 2 * width]);
  const record = (pass: Pass) => {
    pass.copy(fresh.tensor, gateUp);
    swigluBackward(pass, { yGrad: yGrad.tensor, gateUp }, { rows, width });
  };
  const at = (i: number) => {
    const [r, column] = [Math.floor(i / (2 * width)), i % (2 * width)];
    const place = 2 * r * width + (column % width);
    const [gate, up] = [fresh.values[place]!, fresh.values[place + width]!];
    const dy = yGrad.values[r * width + (column % width)]!;
    const sigma = sigmoid(gate);
    return column < width ? dy * up * sigma * (1 + gate * (1 - sigma)) : dy * gate * sigma;
  };
  const expected = { of: gateUp, at, tolerance: TOLERANCE.kernel };
  return { check: () => compareSampled(gpu, record, [expected]), work: { record } };
}
