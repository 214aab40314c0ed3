import { beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { randomFrom } from "../../src/core/random.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import {
  minMaxKernel,
  NORMALIZATION_MODES,
  type NormalizationMode,
  robustKernel,
  zScoreKernel,
} from "../../src/ops/normalization.ts";
import { normalize } from "../reference/normalization.ts";
import { FORMS, runKernel, testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const KERNELS = { "min-max": minMaxKernel, "z-score": zScoreKernel, robust: robustKernel };
const EPS = 1e-8;
type Entropies = readonly (number | null)[];

/** Random step entropies in f32, some steps empty. */
function randomEntropies(count: number): (number | null)[] {
  const random = randomFrom(count);
  return Array.from({ length: count }, (_, s) =>
    s > 1 && random.uniform() < 0.1 ? null : Math.fround(6 * random.uniform() ** 3),
  );
}

/** What the reference says, as the kernel writes it. */
function expected(scopes: readonly Entropies[], mode: NormalizationMode): number[] {
  return scopes.flatMap((steps) => normalize(steps, { mode, eps: EPS }).map((h) => h ?? 0));
}

describe.each(FORMS)("%s", (form) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu(form);
  });

  async function normalized(scopes: readonly Entropies[], mode: NormalizationMode) {
    const scope_offsets = new Uint32Array(scopes.length + 1);
    scopes.forEach((steps, i) => {
      scope_offsets[i + 1] = scope_offsets[i]! + steps.length;
    });
    const entropy = Float32Array.from(scopes.flat(), (H) => H ?? -1);
    const found = await runKernel(
      gpu,
      KERNELS[mode],
      { entropy, scope_offsets },
      { normalized: { length: entropy.length } },
      { scopes: scopes.length, eps: EPS },
    );
    return found.normalized as Float32Array;
  }

  describe.each(NORMALIZATION_MODES)("%s", (mode) => {
    test.each([1, 2, 21, 31, 257, 5000])(
      "matches the f64 reference over %d steps",
      async (count) => {
        const steps = randomEntropies(count);
        expect(await normalized([steps], mode)).toBeClose(
          expected([steps], mode),
          TOLERANCE.kernel,
        );
      },
    );

    test("each scope has its own statistics", async () => {
      const scopes = [7, 1, 0, 40].map(randomEntropies);
      expect(await normalized(scopes, mode)).toBeClose(expected(scopes, mode), TOLERANCE.kernel);
    });

    test("equal entropies are exactly 0, whatever their rounding", async () => {
      for (const value of [0, 0.1, 1 / 3, 11.5]) {
        const found = await normalized([new Array(37).fill(value)], mode);
        expect(Array.from(found)).toEqual(new Array(37).fill(0));
      }
    });

    test("a scope of empty steps is 0 without NaN", async () => {
      expect(Array.from(await normalized([[null, null, null]], mode))).toEqual([0, 0, 0]);
    });

    test("empty steps change nothing for the others", async () => {
      const steps = randomEntropies(40).filter((H) => H !== null);
      const padded = steps.flatMap((H) => [null, H, null]);
      const without = await normalized([steps], mode);
      const within = (await normalized([padded], mode)).filter((_, s) => padded[s] !== null);
      expect(within).toBeClose(without, TOLERANCE.kernel);
    });

    test("random entropies in any order match the reference", async () => {
      const entropies = fc.array(
        fc.option(fc.float({ min: 0, max: 12, noNaN: true }), { freq: 5 }),
        { minLength: 1, maxLength: 50 },
      );
      await fc.assert(
        fc.asyncProperty(entropies, async (steps) => {
          const found = await normalized([steps], mode);
          expect(found).toBeClose(expected([steps], mode), TOLERANCE.reduction);
        }),
        { numRuns: form === "gpu form" ? 8 : 60 },
      );
    });
  });

  test("robust sees repeated values, zeros of either sign and one outlier as numpy does", async () => {
    const scopes = [
      [-0, 0, 0, -0, 3, 3, 3, 3, 1e4],
      Array.from({ length: 41 }, (_, s) => Math.floor(s / 10)),
      [...new Array(19).fill(2), 7],
    ];
    const found = await normalized(scopes, "robust");
    expect(found).toBeClose(expected(scopes, "robust"), TOLERANCE.kernel);
  });

  test("robust keeps the difference of large entropies that lie close together", async () => {
    const scopes = [
      [11.99998664855957, 11.999979972839355],
      [11.999988555908203, 11.999991416931152],
    ];
    const found = await normalized(scopes, "robust");
    expect(found).toBeClose(expected(scopes, "robust"), TOLERANCE.kernel);
  });

  test("robust tells neighbouring f32 numbers apart", async () => {
    const steps = Array.from({ length: 21 }, (_, s) => 1 + ((s * 8) % 21) * 2 ** -23);
    const found = await normalized([steps], "robust");
    expect(found).toBeClose(expected([steps], "robust"), TOLERANCE.reduction);
  });

  const sizes = form === "own form" ? [65_536] : [];
  test.each(sizes)("robust over %d steps", async (count) => {
    const steps = randomEntropies(count);
    expect(await normalized([steps], "robust")).toBeClose(
      expected([steps], "robust"),
      TOLERANCE.kernel,
    );
  });
});
