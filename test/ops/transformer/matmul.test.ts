import { beforeAll, describe, expect, test } from "bun:test";
import { randomFrom } from "../../../src/core/random.ts";
import type { Gpu } from "../../../src/gpu/device.ts";
import {
  linear,
  linearBackwardInput,
  linearBackwardWeight,
} from "../../../src/ops/transformer/matmul.ts";
import { FORMS, testGpu } from "../../support/device.ts";
import { TOLERANCE } from "../../support/tolerances.ts";

type Size = readonly [rows: number, inner: number, cols: number];
/** Lengths in fours take one software kernel, all others another; 8 rows or fewer a third. */
const SIZES: Size[] = [
  [1, 4, 4],
  [8, 64, 20],
  [9, 8, 36],
  [17, 60, 16],
  [33, 128, 68],
  [257, 32, 4],
  [1, 1, 1],
  [2, 31, 3],
  [5, 4, 7],
  [31, 2, 8],
  [66, 257, 65],
];

const numbers = (length: number, seed: number) => {
  const random = randomFrom(seed);
  return Float32Array.from({ length }, () => 2 * random.uniform() - 1);
};

/** Σ_k left(i, k) · right(k, j) in f64, rows by cols. */
function product(
  [rows, inner, cols]: Size,
  left: (i: number, k: number) => number,
  right: (k: number, j: number) => number,
): number[] {
  return Array.from({ length: rows * cols }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += left(Math.floor(at / cols), k) * right(k, at % cols);
    return sum;
  });
}

describe.each(FORMS)("%s", (form) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu(form);
  });

  async function forward(size: Size, x: Float32Array, w: Float32Array, start?: Float32Array) {
    const [rows, inner, cols] = size;
    using scope = gpu.scope();
    const io = {
      x: scope.f32("x", [rows, inner]),
      w: scope.f32("w", [cols, inner]),
      y: scope.f32("y", [rows, cols]),
      bias: scope.f32("bias", [cols]),
    };
    gpu.write(io.x, x);
    gpu.write(io.w, w);
    gpu.write(io.bias, numbers(cols, 3));
    if (start) gpu.write(io.y, start);
    gpu.submit((pass) => linear(pass, io, { rows, inner, cols, accumulate: start !== undefined }));
    return gpu.read(io.y);
  }

  test.each(SIZES)(
    "x (%d, %d) · wᵀ + bias, %d columns, is written or added",
    async (rows, inner, cols) => {
      const [x, w, bias] = [numbers(rows * inner, 1), numbers(cols * inner, 2), numbers(cols, 3)];
      const exact = product(
        [rows, inner, cols],
        (i, k) => x[i * inner + k]!,
        (k, j) => w[j * inner + k]!,
      );
      const biased = exact.map((value, at) => value + bias[at % cols]!);
      expect(await forward([rows, inner, cols], x, w)).toBeClose(biased, TOLERANCE.kernel);
      const start = numbers(rows * cols, 4);
      const added = biased.map((value, at) => value + start[at]!);
      expect(await forward([rows, inner, cols], x, w, start)).toBeClose(added, TOLERANCE.kernel);
    },
  );

  test.each(SIZES)("gradients of x (%d, %d) · wᵀ, %d columns", async (rows, inner, cols) => {
    const [x, w] = [numbers(rows * inner, 1), numbers(cols * inner, 2)];
    const [dy, start] = [numbers(rows * cols, 5), numbers(cols * inner, 6)];
    using scope = gpu.scope();
    const io = {
      x: scope.f32("x", [rows, inner]),
      w: scope.f32("w", [cols, inner]),
      yGrad: scope.f32("yGrad", [rows, cols]),
      xGrad: scope.f32("xGrad", [rows, inner]),
      wGrad: scope.f32("wGrad", [cols, inner]),
    };
    for (const [tensor, values] of [
      [io.x, x],
      [io.w, w],
      [io.yGrad, dy],
      [io.wGrad, start],
    ] as const) {
      gpu.write(tensor, values);
    }
    gpu.submit((pass) => {
      linearBackwardInput(pass, io, { rows, inner, cols });
      linearBackwardWeight(pass, io, { rows, inner, cols });
    });
    const xGrad = product(
      [rows, cols, inner],
      (i, k) => dy[i * cols + k]!,
      (k, j) => w[k * inner + j]!,
    );
    const wGrad = product(
      [cols, rows, inner],
      (i, k) => dy[k * cols + i]!,
      (k, j) => x[k * inner + j]!,
    );
    expect(await gpu.read(io.xGrad)).toBeClose(xGrad, TOLERANCE.kernel);
    const added = wGrad.map((value, at) => value + start[at]!);
    expect(await gpu.read(io.wGrad)).toBeClose(added, TOLERANCE.kernel);
  });

  test.each([
    [64, 20],
    [31, 7],
  ])("a row's bits do not depend on its neighbours (%d, %d)", async (inner, cols) => {
    const [x, w] = [numbers(33 * inner, 1), numbers(cols * inner, 2)];
    const all = await forward([33, inner, cols], x, w);
    for (const rows of [1, 8, 16, 17]) {
      const first = await forward([rows, inner, cols], x.slice(0, rows * inner), w);
      expect(Array.from(first)).toEqual(Array.from(all).slice(0, rows * cols));
    }
  });
});
