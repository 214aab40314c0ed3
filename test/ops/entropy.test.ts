import { beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { randomFrom } from "../../src/core/random.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import {
  STEP_ENTROPY_MODES,
  type StepEntropyMode,
  stepEntropyKernel,
  tokenEntropyKernel,
} from "../../src/ops/entropy.ts";
import { tokenEntropy, tokenLogProb } from "../reference/entropy.ts";
import { stepEntropy } from "../reference/step-entropy.ts";
import { FORMS, runKernel, testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const COLUMNS = [1, 2, 31, 257, 151_936];

describe.each(FORMS)("%s", (form) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu(form);
  });

  /** Rows of equal length with a token each → what the kernel says of them. */
  async function entropies(rows: readonly ArrayLike<number>[], tokens: number[], temperature = 1) {
    const cols = rows[0]!.length;
    const logits = new Float32Array(rows.length * cols);
    rows.forEach((row, t) => {
      logits.set(row, t * cols);
    });
    const output = { length: rows.length };
    return runKernel(
      gpu,
      tokenEntropyKernel,
      { logits, tokens: Uint32Array.from(tokens) },
      { log_prob: output, entropy: output, lse: output },
      { rows: rows.length, cols, temperature },
    );
  }

  /** `rows` of random logits in f32, spread as a model's are, some masked. */
  function randomRows(rows: number, cols: number, spread = 8): Float32Array[] {
    const random = randomFrom(cols);
    return Array.from({ length: rows }, () =>
      Float32Array.from({ length: cols }, (_, v) =>
        v > 0 && random.uniform() < 0.1 ? -Infinity : spread * (random.uniform() - 0.5),
      ),
    );
  }

  describe("token entropy", () => {
    test.each(COLUMNS)("matches the f64 reference over %d columns", async (cols) => {
      const rows = randomRows(5, cols);
      const tokens = rows.map((row) => row.findLastIndex((z) => z > -Infinity));
      for (const temperature of [1, 0.4, 1.7]) {
        const { entropy, log_prob } = await entropies(rows, tokens, temperature);
        expect(entropy).toBeClose(
          rows.map((row) => tokenEntropy(row, temperature)),
          TOLERANCE.reduction,
        );
        expect(log_prob).toBeClose(
          rows.map((row, t) => tokenLogProb(row, tokens[t]!, temperature)),
          TOLERANCE.reduction,
        );
      }
    });

    test.each(COLUMNS)("uniform logits over %d columns have entropy ln V", async (cols) => {
      const { entropy } = await entropies([new Float32Array(cols).fill(-3.5)], [0]);
      expect(entropy).toBeClose([Math.log(cols)], TOLERANCE.kernel);
    });

    test("one-hot logits have entropy 0 and log-probability 0", async () => {
      const rows = [1e4, 100, Infinity].map((gap) =>
        Float32Array.from({ length: 257 }, (_, v) => (v === 200 ? 3 : 3 - gap)),
      );
      const { entropy, log_prob } = await entropies(rows, [200, 200, 200]);
      expect(Array.from(entropy)).toEqual([0, 0, 0]);
      expect(Array.from(log_prob)).toEqual([0, 0, 0]);
    });

    test("logits of ±1e4 and masks of −∞ stay finite and right", async () => {
      const row = Float32Array.from({ length: 257 }, (_, v) => [1e4, -1e4, -Infinity][v % 3]!);
      const { entropy, log_prob, lse } = await entropies([row, row], [0, 1]);
      expect(entropy).toBeClose([Math.log(86), Math.log(86)], TOLERANCE.kernel);
      expect(log_prob).toBeClose([-Math.log(86), -2e4 - Math.log(86)], TOLERANCE.kernel);
      expect(lse[0]).toBeClose(1e4 + Math.log(86), TOLERANCE.kernel);
    });

    test("a masked token has log-probability −∞, and many masks before a logit do no harm", async () => {
      const row = new Float32Array(2000).fill(-Infinity);
      row[1990] = 1;
      row[1991] = 2;
      const { entropy, log_prob } = await entropies([row, row], [1990, 0]);
      expect(entropy[0]).toBeClose(tokenEntropy(row), TOLERANCE.kernel);
      expect(Array.from(log_prob)).toBeClose(
        [tokenLogProb(row, 1990), -Infinity],
        TOLERANCE.kernel,
      );
    });

    test.each([Number.NaN, Infinity])(
      "a logit of %p leaves its row, and no other, without finite numbers",
      async (bad) => {
        const [good, broken] = [new Float32Array(31), new Float32Array(31)];
        broken[17] = bad;
        const { entropy, log_prob, lse } = await entropies([good, broken], [3, 3]);
        expect(entropy[0]).toBeClose(Math.log(31), TOLERANCE.kernel);
        const found = [entropy[1]!, log_prob[1]!, lse[1]!];
        expect(found.map(Number.isFinite)).toEqual([false, false, false]);
      },
    );

    test("entropy lies in [0, ln V] and log-probabilities are not positive", async () => {
      const row = fc.array(fc.float({ min: -1e4, max: 1e4, noNaN: true }), {
        minLength: 1,
        maxLength: 40,
      });
      await fc.assert(
        fc.asyncProperty(row, fc.nat(), async (logits, pick) => {
          const { entropy, log_prob } = await entropies([logits], [pick % logits.length]);
          expect(entropy[0]!).toBeGreaterThanOrEqual(0);
          expect(entropy[0]!).toBeLessThanOrEqual(Math.log(logits.length) + TOLERANCE.kernel);
          expect(log_prob[0]!).toBeLessThanOrEqual(0);
        }),
        { numRuns: 40 },
      );
    });
  });

  describe("step entropy", () => {
    async function steps(tokens: readonly number[][], mode: StepEntropyMode) {
      const offsets = new Uint32Array(tokens.length + 1);
      tokens.forEach((step, s) => {
        offsets[s + 1] = offsets[s]! + step.length;
      });
      const { out } = await runKernel(
        gpu,
        stepEntropyKernel,
        { entropy: Float32Array.from(tokens.flat()), offsets },
        { out: { length: tokens.length } },
        { steps: tokens.length, mode: STEP_ENTROPY_MODES.indexOf(mode) },
      );
      return out;
    }

    // A software adapter takes milliseconds for each workgroup of the wide form.
    test.each(form === "gpu form" ? [1, 2, 31] : [1, 2, 31, 257, 5000])(
      "matches the f64 reference over %d steps",
      async (count) => {
        const random = randomFrom(count);
        const tokens = Array.from({ length: count }, (_, s) =>
          Array.from(
            { length: s % 7 === 3 ? 0 : 1 + random.integer(40) },
            () => 6 * random.uniform(),
          ),
        );
        for (const mode of STEP_ENTROPY_MODES) {
          const expected = tokens.map((step) => stepEntropy(step, mode) ?? -1);
          expect(await steps(tokens, mode)).toBeClose(expected, TOLERANCE.kernel);
        }
      },
    );

    test("one long step", async () => {
      const tokens = Array.from({ length: 4099 }, (_, j) => (j * 37) % 11);
      for (const mode of STEP_ENTROPY_MODES) {
        expect(await steps([tokens], mode)).toBeClose(
          [stepEntropy(tokens, mode)!],
          TOLERANCE.reduction,
        );
      }
    });

    test("a batch of empty steps is all −1", async () => {
      for (const mode of STEP_ENTROPY_MODES) {
        expect(Array.from(await steps([[], [], []], mode))).toEqual([-1, -1, -1]);
      }
    });
  });
});
