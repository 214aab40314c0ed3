import type { Gpu } from "../src/gpu/device.ts";
import type { Scope } from "../src/gpu/memory.ts";
import type { Pass } from "../src/gpu/pass.ts";
import { adamw } from "../src/ops/optimizer/adamw.ts";
import { gradNorm, gradNormBlocks } from "../src/ops/optimizer/grad-norm.ts";
import { TOLERANCE } from "../test/support/tolerances.ts";
import { type Benchmark, compareSampled, type Prepared, type Suite, uniform } from "./benchmark.ts";

export const optimizer: Suite = {
  name: "optimizer",
  plan(size) {
    const count = size === "gpu" ? 2 ** 26 : 900_000;
    return [
      row("grad-norm", count, 1, 2, prepareNorm),
      // Gradient in; both moments and the weight in and out.
      row("adamw", count, 7, 15, prepareAdamw),
    ];
  },
};

function row(
  name: string,
  count: number,
  numbers: number,
  flops: number,
  prepare: (gpu: Gpu, scope: Scope, count: number) => Prepared,
): Benchmark {
  return {
    name,
    shape: `${count}`,
    bytes: 4 * numbers * count,
    flops: flops * count,
    prepare: (gpu, scope) => prepare(gpu, scope, count),
  };
}

function prepareNorm(gpu: Gpu, scope: Scope, count: number): Prepared {
  const maxNorm = 1;
  const grad = uniform(gpu, scope, "gradient", [count]);
  const partial = scope.f32("squared sums", [gradNormBlocks([count])]);
  const result = scope.f32("norm and factor", [2]);
  const record = (pass: Pass) => gradNorm(pass, { grads: [grad.tensor], partial, result }, maxNorm);
  const norm = Math.sqrt(grad.values.reduce((sum, value) => sum + value ** 2, 0));
  const at = (i: number) => (i === 0 ? norm : Math.min(1, maxNorm / norm));
  const expected = { of: result, at, tolerance: TOLERANCE.kernel };
  return { check: () => compareSampled(gpu, record, [expected]), work: { record } };
}

function prepareAdamw(gpu: Gpu, scope: Scope, count: number): Prepared {
  const grad = uniform(gpu, scope, "gradient", [count]);
  const start = {
    m: uniform(gpu, scope, "old first moment", [count]),
    v: uniform(gpu, scope, "old second moment", [count], [0.1, 1]),
    w: uniform(gpu, scope, "old weight", [count]),
  };
  const m = scope.f32("first moment", [count]);
  const v = scope.f32("second moment", [count]);
  const w = scope.f32("weight", [count]);
  const clip = scope.f32("clip", [2]);
  const factor = 0.5;
  gpu.write(clip, Float32Array.of(2, factor));
  const [learningRate, beta1, beta2, epsilon, weightDecay] = [1e-2, 0.9, 0.95, 1e-8, 0.1];
  const options = { learningRate, beta1, beta2, epsilon, weightDecay, step: 10 };
  const record = (pass: Pass) => {
    pass.copy(start.m.tensor, m);
    pass.copy(start.v.tensor, v);
    pass.copy(start.w.tensor, w);
    adamw(pass, { grad: grad.tensor, clip, m, v, w }, { first: 0, count }, options);
  };
  const g = (i: number) => factor * grad.values[i]!;
  const mAt = (i: number) => beta1 * start.m.values[i]! + (1 - beta1) * g(i);
  const vAt = (i: number) => beta2 * start.v.values[i]! + (1 - beta2) * g(i) ** 2;
  const wAt = (i: number) => {
    const old = start.w.values[i]!;
    const step = mAt(i) / (1 - beta1 ** 10) / (Math.sqrt(vAt(i) / (1 - beta2 ** 10)) + epsilon);
    return old - learningRate * (weightDecay * old + step);
  };
  const tolerance = TOLERANCE.kernel;
  const expected = [
    { of: m, at: mAt, tolerance },
    { of: v, at: vAt, tolerance },
    { of: w, at: wAt, tolerance },
  ];
  return { check: () => compareSampled(gpu, record, expected), work: { record } };
}
