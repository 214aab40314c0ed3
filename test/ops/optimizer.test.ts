import { beforeAll, describe, expect, test } from "bun:test";
import { randomFrom, seedFor } from "../../src/core/random.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import type { Scope } from "../../src/gpu/memory.ts";
import { type AdamwOptions, adamw } from "../../src/ops/optimizer/adamw.ts";
import { gradNorm, gradNormBlocks } from "../../src/ops/optimizer/grad-norm.ts";
import { FORMS, testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const OPTIONS: Omit<AdamwOptions, "step"> = {
  ...{ learningRate: 0.01, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 },
};

function randomNumbers(length: number, name: string, step = 0): Float32Array {
  const random = randomFrom(seedFor(3, name, step));
  return Float32Array.from({ length }, () => 2 * random.uniform() - 1);
}

/** AdamW in f64: w, m and v are changed. */
function referenceStep(
  { w, m, v }: Record<"w" | "m" | "v", Float64Array>,
  grad: ArrayLike<number>,
  factor: number,
  options: AdamwOptions,
): void {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = options;
  for (let i = 0; i < w.length; i++) {
    const g = factor * grad[i]!;
    m[i] = beta1 * m[i]! + (1 - beta1) * g;
    v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
    const [mean, square] = [m[i]! / (1 - beta1 ** step), v[i]! / (1 - beta2 ** step)];
    w[i]! -= learningRate * (weightDecay * w[i]! + mean / (Math.sqrt(square) + epsilon));
  }
}

describe.each(FORMS)("%s", (form) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu(form);
  });

  function upload(scope: Scope, label: string, values: Float32Array) {
    const tensor = scope.f32(label, [values.length]);
    gpu.write(tensor, values);
    return tensor;
  }

  /** Norm and factor of gradients that lie in several tensors. */
  async function clipOf(grads: readonly Float32Array[], maxNorm: number) {
    using scope = gpu.scope();
    const partial = scope.f32("partial", [gradNormBlocks(grads.map(({ length }) => length))]);
    const result = scope.f32("result", [2]);
    const tensors = grads.map((values) => upload(scope, "gradient", values));
    gpu.submit((pass) => gradNorm(pass, { grads: tensors, partial, result }, maxNorm));
    return gpu.read(result);
  }

  describe("AdamW", () => {
    test.each([1, 31, 257])("20 steps of %d numbers match f64", async (length) => {
      using scope = gpu.scope();
      const start = randomNumbers(length, "w");
      const w = upload(scope, "w", start);
      const m = scope.f32("m", [length]);
      const v = scope.f32("v", [length]);
      const clip = upload(scope, "clip", Float32Array.of(3, 0.5));
      const expected = {
        w: Float64Array.from(start),
        m: new Float64Array(length),
        v: new Float64Array(length),
      };
      for (let step = 1; step <= 20; step++) {
        const values = randomNumbers(length, "gradient", step);
        const grad = upload(scope, "gradient", values);
        const io = { grad, clip, m, v, w };
        gpu.submit((pass) => adamw(pass, io, { first: 0, count: length }, { ...OPTIONS, step }));
        referenceStep(expected, values, 0.5, { ...OPTIONS, step });
      }
      const [foundW, foundM, foundV] = await gpu.readAll([w, m, v]);
      expect(foundW!).toBeClose(expected.w, TOLERANCE.kernel);
      expect(foundM!).toBeClose(expected.m, TOLERANCE.kernel);
      expect(foundV!).toBeClose(expected.v, TOLERANCE.kernel);
    });

    test("decay pulls on the range it is asked for, and nothing else changes", async () => {
      using scope = gpu.scope();
      const start = randomNumbers(300, "w").map((value) => value + 2);
      const w = upload(scope, "w", start);
      const [m, v] = [scope.f32("m", [300]), scope.f32("v", [300])];
      const grad = scope.f32("gradient", [300]);
      const clip = upload(scope, "clip", Float32Array.of(0, 1));
      const io = { grad, clip, m, v, w };
      const options = { ...OPTIONS, step: 1 };
      gpu.submit((pass) => {
        adamw(pass, io, { first: 67, count: 100 }, options);
        adamw(pass, io, { first: 167, count: 133 }, { ...options, weightDecay: 0 });
      });
      const found = await gpu.read(w);
      const decayed = start.subarray(67, 167).map((value) => value * (1 - 0.01 * 0.1));
      expect(found.subarray(0, 67)).toEqual(start.subarray(0, 67));
      expect(found.subarray(67, 167)).toBeClose(decayed, TOLERANCE.stated);
      expect(found.subarray(167)).toEqual(start.subarray(167));
    });

    test.each([
      ["NaN", Number.NaN],
      ["infinity", Infinity],
    ])("a gradient with %s leaves weights and moments as they were", async (_, bad) => {
      using scope = gpu.scope();
      const start = ["w", "m", "v"].map((name) => randomNumbers(300, name).map(Math.abs));
      const [w, m, v] = start.map((values, i) => upload(scope, "wmv"[i]!, values));
      const values = randomNumbers(300, "gradient");
      values[211] = bad;
      const grad = upload(scope, "gradient", values);
      const partial = scope.f32("partial", [gradNormBlocks([300])]);
      const clip = scope.f32("clip", [2]);
      const io = { grad, clip, m: m!, v: v!, w: w! };
      gpu.submit((pass) => {
        gradNorm(pass, { grads: [grad], partial, result: clip }, 1);
        adamw(pass, io, { first: 0, count: 300 }, { ...OPTIONS, step: 7 });
      });
      expect((await gpu.read(clip))[1]).toBe(0);
      expect(await gpu.readAll([w!, m!, v!])).toEqual(start);
    });
  });

  describe("the global norm", () => {
    test.each([[[1]], [[31, 257]], [[20_000, 1, 8192, 8193]]])("of lengths %p", async (lengths) => {
      const grads = lengths.map((length, i) => randomNumbers(length, "gradient", i));
      const squares = grads.flatMap((values) => Array.from(values, (value) => value ** 2));
      const norm = Math.sqrt(squares.reduce((sum, value) => sum + value, 0));
      expect(await clipOf(grads, norm / 4)).toBeClose([norm, 0.25], TOLERANCE.reduction);
      expect(await clipOf(grads, norm * 4)).toBeClose([norm, 1], TOLERANCE.reduction);
    });

    test("3 and 4 make 5, clipped to 1 by a fifth", async () => {
      expect(await clipOf([Float32Array.of(3), Float32Array.of(0, -4)], 1)).toBeClose(
        [5, 0.2],
        TOLERANCE.stated,
      );
    });

    test("of nothing but zeros is 0, and clips nothing", async () => {
      expect(Array.from(await clipOf([new Float32Array(40)], 1))).toEqual([0, 1]);
    });
  });
});
