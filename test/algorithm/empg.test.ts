import { beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type EmpgOptions, empg, empgScratch, writeSteps } from "../../src/algorithm/empg.ts";
import { type EntropyTrajectory, modulatedSteps } from "../../src/algorithm/modulated-steps.ts";
import { layoutSteps, type StatisticsScope } from "../../src/algorithm/step-layout.ts";
import { randomFrom } from "../../src/core/random.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { readModulationSummary } from "../../src/ops/advantage-modulation.ts";
import { STEP_ENTROPY_MODES } from "../../src/ops/entropy.ts";
import { CENTER_MODES, NORMALIZATION_MODES } from "../../src/ops/normalization.ts";
import { modulate } from "../reference/advantage-modulation.ts";
import { stepEntropy } from "../reference/step-entropy.ts";
import { FORMS, testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

type Options = EmpgOptions & { scope: StatisticsScope };

const PAPER: Options = {
  k: 1,
  kPrime: 1,
  zeta: 0.1,
  eps: 1e-8,
  stepEntropy: "mean",
  normalization: "min-max",
  scope: "batch",
  center: "all",
};

/** Trajectories of interleaved groups with awkward lengths, empty steps and an empty trajectory. */
function batchOf(steps: number): EntropyTrajectory[] {
  const random = randomFrom(steps);
  const batch: EntropyTrajectory[] = [];
  for (let left = steps; left > 0; ) {
    const length = Math.min(left, 1 + random.integer(50));
    left -= length;
    const entropies = Array.from({ length }, () => {
      const tokens = random.uniform() < 0.1 ? 0 : 1 + random.integer(12);
      return Array.from({ length: tokens }, () => Math.fround(4 * random.uniform() ** 2));
    });
    const group = `g${random.integer(5)}`;
    batch.push({ group, advantage: Math.fround(2 * random.uniform() - 1), entropies });
  }
  return steps > 2 ? [...batch, { group: "g0", advantage: 1, entropies: [[], []] }] : batch;
}

/** The reference on the same batch, in the kernels' terms. */
function expected(batch: readonly EntropyTrajectory[], options: Options) {
  return modulate(
    batch.map(({ group, advantage, entropies }) => ({
      group,
      advantage: advantage as number,
      entropies: entropies.map((tokens) => stepEntropy(tokens, options.stepEntropy)),
    })),
    options,
  );
}

async function compare(gpu: Gpu, batch: readonly EntropyTrajectory[], options: Options) {
  const found = (await modulatedSteps(gpu, batch, options)).flat();
  const wanted = expected(batch, options).flat();
  expect(found.map((s) => s.advantage)).toBeClose(
    wanted.map((s) => s.advantage),
    TOLERANCE.kernel,
  );
  expect(found.map((s) => s.scale)).toBeClose(
    wanted.map((s) => s.scale),
    TOLERANCE.kernel,
  );
  expect(found.map((s) => s.clarity ?? -9)).toBeClose(
    wanted.map((s) => s.clarity ?? -9),
    TOLERANCE.kernel,
  );
  expect(found.map((s) => s.normalizedEntropy ?? -9)).toBeClose(
    wanted.map((s) => s.normalized ?? -9),
    TOLERANCE.kernel,
  );
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

const token = fc.float({ min: 0, max: 8, noNaN: true });
const batches = fc.array(
  fc.record({
    group: fc.constantFrom("a", "b", "c"),
    advantage: fc.float({ min: -3, max: 3, noNaN: true }),
    entropies: fc.array(fc.array(token, { maxLength: 4 }), { minLength: 1, maxLength: 8 }),
  }),
  { minLength: 1, maxLength: 10 },
);

describe.each(FORMS)("%s", (form) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu(form);
  });
  /** A software adapter takes milliseconds for each workgroup of the wide form. */
  const sizes = form === "gpu form" ? [1, 2, 31] : [1, 2, 31, 257, 5000];
  const numRuns = form === "gpu form" ? 3 : 50;

  describe("matches the f64 reference", () => {
    test.each(sizes)("over %d steps", async (steps) => {
      await compare(gpu, batchOf(steps), PAPER);
    });
    test.each(NORMALIZATION_MODES)(
      "with normalization %s, in both scopes",
      async (normalization) => {
        for (const scope of ["batch", "group"] as const) {
          await compare(gpu, batchOf(sizes.at(-1)!), { ...PAPER, normalization, scope });
        }
      },
    );
    test.each(CENTER_MODES)("with center %s, in both scopes", async (center) => {
      for (const scope of ["batch", "group"] as const) {
        await compare(gpu, batchOf(sizes.at(-1)!), { ...PAPER, center, scope });
      }
    });
    test.each(STEP_ENTROPY_MODES)("with step entropy %s", async (mode) => {
      await compare(gpu, batchOf(31), { ...PAPER, stepEntropy: mode });
    });
    test("with other k, k′, ζ and eps", async () => {
      await compare(gpu, batchOf(31), { ...PAPER, k: 2.5, kPrime: 0.5, zeta: 0.7, eps: 0.1 });
    });
    test("on any batch", async () => {
      await fc.assert(
        fc.asyncProperty(
          batches,
          fc.constantFrom(...CENTER_MODES),
          fc.constantFrom("batch" as const, "group" as const),
          (batch, center, scope) => compare(gpu, batch, { ...PAPER, center, scope }),
        ),
        { numRuns },
      );
    });
  });

  test.each(NORMALIZATION_MODES)("equal entropies give g = 1 and f = 1 under %s", async (mode) => {
    for (const H of [0.1, 0.3, 0.7, 1.1, 2.3]) {
      // Sums of so many equal numbers round differently.
      const entropies = [1, 3, 5, 2, 7, 11].map((tokens) => new Array<number>(tokens).fill(H));
      const batch = [1, -1].map((advantage) => ({ group: "a", advantage, entropies }));
      for (const own of await modulatedSteps(gpu, batch, { ...PAPER, normalization: mode })) {
        expect(own.map((step) => step.scale)).toBeClose(new Array(6).fill(1), TOLERANCE.stated);
        expect(own.map((step) => step.clarity)).toEqual([1, 1, 1, 1, 1, null]);
      }
    }
  });

  test.each([100, 1e6])("a gate of k = %p overflows nowhere, whatever the scores", async (k) => {
    const entropies = [[0], [2], [2.5], [3], [3]];
    const batch = [1, -1].map((advantage) => ({ group: "a", advantage, entropies }));
    for (const normalization of NORMALIZATION_MODES) {
      const found = await modulatedSteps(gpu, batch, { ...PAPER, k, zeta: 0, normalization });
      const scales = found.flat().map((step) => step.scale);
      expect(scales.every((scale) => scale >= 0 && scale <= scales.length)).toBe(true);
      // The surest step of each episode has all of the gate.
      expect(scales[0]).toBeClose(scales.length / 2, TOLERANCE.stated);
    }
  });

  test("a batch of empty steps keeps its advantages, without NaN", async () => {
    const batch = [{ group: "a", advantage: 2, entropies: [[], []] }];
    for (const center of CENTER_MODES) {
      const empty = {
        entropy: null,
        normalizedEntropy: null,
        scale: 1,
        clarity: null,
        baseAdvantage: 2,
        advantage: 2,
      };
      expect(await modulatedSteps(gpu, batch, { ...PAPER, center })).toEqual([[empty, empty]]);
    }
  });

  test("nothing to modulate gives nothing", async () => {
    expect(await modulatedSteps(gpu, [], PAPER)).toEqual([]);
    const idle = [{ group: "a", advantage: 1, entropies: [] }];
    expect(await modulatedSteps(gpu, idle, PAPER)).toEqual([[]]);
  });

  test("an advantage may differ from step to step", async () => {
    const entropies = [[1], [1], [1]];
    const batch = [{ group: "a", advantage: [3, -1, 0.5], entropies }];
    const [own] = await modulatedSteps(gpu, batch, { ...PAPER, zeta: 0, center: "none" });
    expect(own!.map((step) => step.advantage)).toBeClose([3, -1, 0.5], TOLERANCE.kernel);
  });

  test("a non-finite entropy shows in every advantage of the batch", async () => {
    const batch = batchOf(31);
    batch[0] = { group: "g0", advantage: 1, entropies: [[1], [Number.NaN]] };
    const steps = await modulatedSteps(gpu, batch, PAPER);
    expect(steps.flat().some((step) => Number.isFinite(step.advantage))).toBe(false);
  });

  test("the summary is what the steps say, in a scratch that other batches have used", async () => {
    using scope = gpu.scope();
    const scratch = empgScratch(scope, { tokens: 2000, steps: 400 });
    for (const size of [31, 7]) {
      const batch = batchOf(size);
      const layout = layoutSteps(
        batch.map(({ group, entropies }) => ({
          group,
          tokenCounts: entropies.map((s) => s.length),
        })),
        "batch",
      );
      const tokenEntropy = Float32Array.from(batch.flatMap(({ entropies }) => entropies.flat()));
      const advantage = Float32Array.from(
        batch.flatMap((own) => own.entropies.map(() => own.advantage as number)),
      );
      writeSteps(gpu, scratch, { layout, tokenEntropy, advantage });
      gpu.submit((pass) => empg(pass, scratch, layout, PAPER));
      const found = readModulationSummary(await gpu.read(scratch.summary));

      const steps = (await modulatedSteps(gpu, batch, PAPER)).flat();
      const voting = steps.filter((step) => step.entropy !== null);
      const H = voting.map((step) => step.entropy!);
      const g = voting.map((step) => step.scale);
      expect(Object.values(found)).toBeClose(
        [
          voting.length,
          mean(H),
          Math.min(...H),
          Math.max(...H),
          Math.min(...g),
          Math.max(...g),
          mean(voting.flatMap((step) => step.clarity ?? [])),
          mean(voting.map((step) => Math.abs(step.advantage))),
        ],
        TOLERANCE.kernel,
      );
    }
  });
});
