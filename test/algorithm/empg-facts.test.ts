/** What the specification says must hold for any batch, of the kernels. */

import { beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { EmpgOptions } from "../../src/algorithm/empg.ts";
import {
  type EntropyTrajectory,
  type ModulatedStep,
  modulatedSteps,
} from "../../src/algorithm/modulated-steps.ts";
import type { StatisticsScope } from "../../src/algorithm/step-layout.ts";
import type { Gpu } from "../../src/gpu/device.ts";
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
  const numRuns = form === "gpu form" ? 3 : 50;

  /** A fact about the modulated steps of any batch. */
  async function always(
    check: (steps: ModulatedStep[][], batch: readonly EntropyTrajectory[]) => void | Promise<void>,
    options: Partial<Options> = {},
  ) {
    await fc.assert(
      fc.asyncProperty(batches, async (batch) => {
        await check(await modulatedSteps(gpu, batch, { ...PAPER, ...options }), batch);
      }),
      { numRuns },
    );
  }

  test("the gate has mean one over the steps of a batch, falls as H rises, and spreads by e^k at most", () =>
    always(
      (steps) => {
        const voting = steps.flat().filter((step) => step.entropy !== null);
        if (voting.length === 0) return;
        expect(mean(voting.map((step) => step.scale))).toBeClose(1, TOLERANCE.stated);
        const sorted = voting.toSorted((a, b) => a.entropy! - b.entropy!);
        sorted.forEach((step, i) => {
          if (i > 0) expect(step.scale).toBeLessThanOrEqual(sorted[i - 1]!.scale);
        });
        const spread = sorted[0]!.scale / sorted.at(-1)!.scale;
        expect(spread).toBeLessThanOrEqual(Math.exp(2) * (1 + TOLERANCE.stated));
      },
      { k: 2 },
    ));

  test("k = 0 and ζ = 0 leave A − mean A", () =>
    always(
      (steps, batch) => {
        const plain = steps.map((own, i) => own.map(() => batch[i]!.advantage as number));
        const voting = plain.flatMap((own, i) =>
          own.filter((_, t) => steps[i]![t]!.entropy !== null),
        );
        if (voting.length === 0) return;
        const shift = mean(voting);
        expect(steps.flat().map((step) => step.advantage)).toBeClose(
          plain.flat().map((A) => A - shift),
          TOLERANCE.kernel,
        );
      },
      { k: 0, zeta: 0 },
    ));

  test("a trajectory's last step gets no clarity bonus", () =>
    always((steps) => {
      for (const own of steps) expect(own.at(-1)!.clarity).toBeNull();
    }));

  test("the mean of A_final over unique steps is 0", () =>
    always((steps) => {
      const voting = steps.flat().filter((step) => step.entropy !== null);
      if (voting.length === 0) return;
      expect(mean(voting.map((step) => step.advantage))).toBeClose(0, TOLERANCE.stated);
    }));

  test("permuting trajectories permutes the result", () =>
    always(async (steps, batch) => {
      const backward = await modulatedSteps(gpu, batch.toReversed(), PAPER);
      expect(
        backward
          .toReversed()
          .flat()
          .map((step) => step.advantage),
      ).toBeClose(
        steps.flat().map((step) => step.advantage),
        TOLERANCE.kernel,
      );
    }));

  test("padding trajectories with empty steps changes nothing for the others", () =>
    always(async (steps, batch) => {
      const padded = batch.map((own) => ({ ...own, entropies: [...own.entropies, [], []] }));
      const found = await modulatedSteps(gpu, padded, PAPER);
      expect(found.flatMap((own) => own.slice(0, -2)).map((step) => step.advantage)).toBeClose(
        steps.flat().map((step) => step.advantage),
        TOLERANCE.kernel,
      );
    }));
});
