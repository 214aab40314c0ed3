import type { Gpu } from "../src/gpu/device.ts";
import { defineKernel } from "../src/gpu/kernel.ts";
import type { Scope } from "../src/gpu/memory.ts";
import type { Pass } from "../src/gpu/pass.ts";
import {
  linear,
  linearBackwardInput,
  linearBackwardWeight,
} from "../src/ops/transformer/matmul.ts";
import { TOLERANCE } from "../test/support/tolerances.ts";
import barrierSource from "./barrier-matmul.wgsl" with { type: "text" };
import { type Benchmark, compareSampled, type Prepared, type Suite, uniform } from "./benchmark.ts";

interface Size {
  readonly rows: number;
  readonly inner: number;
  readonly cols: number;
}

const CUBE: Size = { rows: 512, inner: 512, cols: 512 };

const barrierKernel = defineKernel({
  name: "barrier-matmul",
  buffers: { x: "read", w: "read", y: "write" },
  params: { rows: "u32", cols: "u32", inner: "u32" },
  gpu: {
    source: barrierSource,
    workgroups: ({ rows, cols }: Record<string, number>) => [cols! / 16, rows! / 16],
  },
});

/** Projections of the benchmark model (D 128, F 352, V 1024): a micro-batch, and one step of 64 sequences. */
const LAYERS: readonly Size[] = [
  { rows: 2048, inner: 128, cols: 256 },
  { rows: 2048, inner: 128, cols: 128 },
  { rows: 2048, inner: 128, cols: 704 },
  { rows: 2048, inner: 352, cols: 128 },
  { rows: 512, inner: 128, cols: 1024 },
  { rows: 64, inner: 128, cols: 704 },
  { rows: 64, inner: 128, cols: 1024 },
];

/** Projections of Qwen2.5-0.5B over 4,096 tokens. */
const LARGE_LAYERS: readonly Size[] = [
  { rows: 4096, inner: 896, cols: 1152 },
  { rows: 4096, inner: 896, cols: 9728 },
  { rows: 4096, inner: 4864, cols: 896 },
  { rows: 4096, inner: 4096, cols: 4096 },
];

type Kind = "matmul" | "matmul-backward-input" | "matmul-backward-weight" | "barrier-matmul";

export const matmul: Suite = {
  name: "matmul",
  plan(size) {
    const layers = size === "gpu" ? [...LAYERS, ...LARGE_LAYERS] : LAYERS;
    return [
      product("matmul", CUBE),
      product("barrier-matmul", CUBE),
      ...layers.map((layer) => product("matmul", layer)),
      ...[CUBE, LAYERS[2]!].flatMap((layer) => [
        product("matmul-backward-input", layer),
        product("matmul-backward-weight", layer),
      ]),
    ];
  },
};

function product(name: Kind, size: Size): Benchmark {
  const { rows, inner, cols } = size;
  return {
    name,
    shape: `${rows}×${inner}×${cols}`,
    bytes: 4 * (rows * inner + inner * cols + rows * cols),
    flops: 2 * rows * inner * cols,
    prepare: (gpu, scope) => prepare(gpu, scope, name, size),
  };
}

function prepare(gpu: Gpu, scope: Scope, kind: Kind, size: Size): Prepared {
  const { rows, inner, cols } = size;
  const x = uniform(gpu, scope, "x", [rows, inner]);
  const w = uniform(gpu, scope, "w", [cols, inner]);
  const yGrad = uniform(gpu, scope, "y gradient", [rows, cols]);
  const outputs = {
    y: scope.f32("y", [rows, cols]),
    xGrad: scope.f32("x gradient", [rows, inner]),
    wGrad: scope.f32("w gradient", [cols, inner]),
  };
  const { y, xGrad, wGrad } = outputs;
  const forward = (i: number) => {
    const [row, col] = [Math.floor(i / cols), i % cols];
    return sum(inner, (k) => x.values[row * inner + k]! * w.values[col * inner + k]!);
  };
  const kinds = {
    matmul: {
      record: (pass: Pass) => linear(pass, { x: x.tensor, w: w.tensor, y }, size),
      of: y,
      at: forward,
    },
    "barrier-matmul": {
      record: (pass: Pass) =>
        pass.run(barrierKernel, { x: x.tensor, w: w.tensor, y }, { rows, cols, inner }),
      of: y,
      at: forward,
    },
    "matmul-backward-input": {
      record: (pass: Pass) =>
        linearBackwardInput(pass, { yGrad: yGrad.tensor, w: w.tensor, xGrad }, size),
      of: xGrad,
      at: (i: number) => {
        const [row, k] = [Math.floor(i / inner), i % inner];
        return sum(cols, (c) => yGrad.values[row * cols + c]! * w.values[c * inner + k]!);
      },
    },
    "matmul-backward-weight": {
      record: (pass: Pass) => {
        pass.zero(wGrad);
        linearBackwardWeight(pass, { yGrad: yGrad.tensor, x: x.tensor, wGrad }, size);
      },
      of: wGrad,
      at: (i: number) => {
        const [col, k] = [Math.floor(i / inner), i % inner];
        return sum(rows, (r) => yGrad.values[r * cols + col]! * x.values[r * inner + k]!);
      },
    },
  };
  const { record, of, at } = kinds[kind];
  const expected = { of, at, tolerance: TOLERANCE.reduction };
  return { check: () => compareSampled(gpu, record, [expected]), work: { record } };
}

function sum(count: number, term: (index: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
}
