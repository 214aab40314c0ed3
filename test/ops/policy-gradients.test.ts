import { beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { DIALECT_NAMES, DIALECTS } from "../../src/algorithm/dialect.ts";
import { LOSS_AGGREGATIONS } from "../../src/algorithm/method-keys.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { KL_ESTIMATORS } from "../../src/ops/policy-gradients.ts";
import { probabilities, tokenLogProb } from "../reference/entropy.ts";
import { numericalGradient } from "../reference/numerical-gradient.ts";
import { type PolicyToken, policyGradient } from "../reference/policy-gradients.ts";
import { FORMS, testGpu } from "../support/device.ts";
import {
  GRPO,
  type PolicyUpdateOptions,
  policyUpdate,
  tokensOf,
} from "../support/policy-update.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const AGGREGATIONS = LOSS_AGGREGATIONS;

describe.each(FORMS)("%s", (form) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu(form);
  });

  const update = (
    tokens: readonly PolicyToken[],
    options?: PolicyUpdateOptions,
    perBatch?: number,
  ) => policyUpdate(gpu, tokens, options, perBatch);

  async function compare(tokens: readonly PolicyToken[], options: PolicyUpdateOptions) {
    const { gradients, summary } = await update(tokens, options);
    const wanted = policyGradient(tokens, options);
    expect(gradients).toBeClose(wanted.logitsGradient.flat(), TOLERANCE.gradient);
    // Gradients are divided by token counts: their own size is the yardstick.
    const largest = Math.max(...wanted.logitsGradient.flat().map(Math.abs));
    const scaled = (values: readonly number[]) => values.map((value) => value / (largest || 1));
    expect(scaled(gradients)).toBeClose(scaled(wanted.logitsGradient.flat()), TOLERANCE.gradient);
    const { policyLoss, klLoss, entropyLoss, kl, clipFraction, ratioMax, updateKl } = wanted;
    const { broken, ...found } = summary;
    expect([
      found.policyLoss,
      found.klLoss,
      found.entropyLoss,
      found.klMean,
      found.clipFraction,
      found.ratioMax,
      found.updateKl,
    ]).toBeClose(
      [policyLoss, klLoss, entropyLoss, kl, clipFraction, ratioMax, updateKl],
      TOLERANCE.kernel,
    );
    expect(found.tokens).toBe(tokens.filter((t) => !t.masked).length);
    expect(broken).toBe(0);
  }

  const rowCounts = form === "gpu form" ? [1, 2, 31] : [1, 2, 31, 257];

  describe("matches the f64 reference", () => {
    test.each(rowCounts)("over %d tokens", (rows) => compare(tokensOf(rows, 31), GRPO));
    test.each([1, 2, 31, 257, 151_936])("over %d columns", (cols) =>
      compare(tokensOf(4, cols), GRPO),
    );
    test.each(KL_ESTIMATORS)("with %s", (klEstimator) =>
      compare(tokensOf(31, 31), { ...GRPO, klEstimator }),
    );
    test.each(AGGREGATIONS)("with %s", (lossAggregation) =>
      compare(tokensOf(31, 31), { ...GRPO, lossAggregation }),
    );
    test.each([1.01, 1.2, 3])("with a dual clip of %d", (dualClip) =>
      compare(tokensOf(257, 31), { ...GRPO, dualClip }),
    );
    test.each([1, 2, 31, 257, 151_936])("with an entropy bonus, over %d columns", (cols) =>
      compare(tokensOf(4, cols), { ...GRPO, entropyCoefficient: 0.7 }),
    );
    test.each(AGGREGATIONS)("with an entropy bonus and %s", (lossAggregation) =>
      compare(tokensOf(31, 31, 0.6), {
        ...{ ...GRPO, lossAggregation, entropyCoefficient: 0.3, temperature: 0.6 },
      }),
    );
    test("with k3 held below a limit, and log r within one", async () => {
      const limits = { klEstimator: "k3", k3Limit: 0.05, logRatioLimit: 0.25 } as const;
      await compare(tokensOf(257, 31), { ...GRPO, ...limits });
    });
    test("at temperatures other than 1", async () => {
      for (const temperature of [0.4, 1.7]) {
        await compare(tokensOf(31, 31, temperature), { ...GRPO, temperature });
      }
    });
  });

  test.each(AGGREGATIONS)(
    "the gradient is the slope of the reference's loss (%s)",
    async (lossAggregation) => {
      const tokens = tokensOf(9, 3);
      const options = { ...GRPO, lossAggregation };
      const { gradients } = await update(tokens, options);
      const slope = numericalGradient(
        (z) => {
          const moved = tokens.map((t, i) => ({ ...t, logits: z.slice(3 * i, 3 * i + 3) }));
          return policyGradient(moved, options).loss;
        },
        tokens.flatMap((t) => Array.from(t.logits)),
      );
      expect(gradients).toBeClose(slope, TOLERANCE.gradient);
    },
  );

  test.each(AGGREGATIONS)(
    "how tokens are cut into micro-batches does not matter (%s)",
    async (lossAggregation) => {
      const tokens = tokensOf(23, 17);
      const options = { ...GRPO, lossAggregation };
      const whole = await update(tokens, options);
      const parts = await update(tokens, options, 5);
      expect(parts.gradients).toEqual(whole.gradients);
      expect(Object.values(parts.summary)).toBeClose(
        Object.values(whole.summary),
        TOLERANCE.kernel,
      );
    },
  );

  describe("the entropy bonus", () => {
    const only = { ...GRPO, klCoefficient: 0, entropyCoefficient: 0.5 };
    const silent = (logits: ArrayLike<number>): PolicyToken => {
      const oldLogProb = tokenLogProb(logits, 0);
      return {
        logits,
        token: 0,
        advantage: 0,
        oldLogProb,
        referenceLogProb: oldLogProb,
        sequence: 0,
      };
    };

    test("has no gradient where all logits are equal, and counts ln V", async () => {
      const { gradients, summary } = await update([silent(new Float32Array(37).fill(0.3))], only);
      expect(gradients).toBeClose(new Array(37).fill(0), TOLERANCE.kernel);
      expect(summary.entropyLoss).toBeClose(-0.5 * Math.log(37), TOLERANCE.kernel);
    });

    test("over two tokens pulls their logits together by c·p·q·ln(p/q)", async () => {
      const [p, q] = [0.8, 0.2];
      const { gradients } = await update([silent([Math.log(p), Math.log(q)])], only);
      const pull = 0.5 * p * q * Math.log(p / q);
      expect(gradients).toBeClose([pull, -pull], TOLERANCE.gradient);
    });

    test("is the slope of the reference's loss by central differences", async () => {
      const tokens = tokensOf(9, 4);
      const options = { ...GRPO, entropyCoefficient: 0.4 };
      const slope = numericalGradient(
        (z) => {
          const moved = tokens.map((t, i) => ({ ...t, logits: z.slice(4 * i, 4 * i + 4) }));
          return policyGradient(moved, options).loss;
        },
        tokens.flatMap((t) => Array.from(t.logits)),
      );
      expect((await update(tokens, options)).gradients).toBeClose(slope, TOLERANCE.gradient);
    });

    test("leaves masked logits (−∞), one-hot rows and masked tokens at 0", async () => {
      const logits = Float32Array.of(0, 0, -Infinity);
      const certain = Float32Array.of(1e4, -1e4, -Infinity);
      const tokens = [silent(logits), silent(certain), { ...silent(logits), masked: true }];
      const { gradients, summary } = await update(tokens, only);
      expect(gradients.map((x) => x + 0)).toBeClose(new Array(9).fill(0), TOLERANCE.kernel);
      expect(summary.entropyLoss).toBeClose(-0.25 * Math.LN2, TOLERANCE.kernel);
    });

    test("is the same with padding between and after the tokens, and in micro-batches", async () => {
      const tokens = tokensOf(11, 6).map((t) => ({ ...t, masked: false }));
      const pad = { ...tokens[0]!, masked: true };
      const padded = tokens.flatMap((t, i) => (i % 3 === 0 ? [t, pad] : [t]));
      const options = { ...GRPO, entropyCoefficient: 0.4 };
      const plain = await update(tokens, options);
      for (const perBatch of [padded.length, 4]) {
        const found = await update(padded, options, perBatch);
        const own = padded.flatMap((t, i) =>
          t.masked ? [] : found.gradients.slice(6 * i, 6 * i + 6),
        );
        expect(own).toEqual(plain.gradients);
        expect(found.summary.entropyLoss).toBeClose(plain.summary.entropyLoss, TOLERANCE.kernel);
      }
    });

    test("reaches a token whose surrogate is clipped", async () => {
      const token = { ...silent([1, 0, 0]), advantage: 1 };
      const clipped = { ...token, oldLogProb: token.oldLogProb - 1 };
      const { gradients, slopes } = await update([clipped], only);
      expect(slopes[0]! + 0).toBe(0);
      const wanted = policyGradient([clipped], only).logitsGradient.flat();
      expect(gradients).toBeClose(wanted, TOLERANCE.gradient);
      expect(Math.abs(gradients[0]!)).toBeGreaterThan(0.01);
    });
  });

  test("without a limit on log r the surrogate grows on", async () => {
    const tokens = tokensOf(8, 5).map((t) => ({
      ...{ ...t, advantage: -1, masked: false },
      oldLogProb: Math.fround(tokenLogProb(t.logits, t.token) - 25),
    }));
    const { slopes } = await update(tokens, { ...GRPO, klCoefficient: 0, logRatioLimit: 3e38 });
    const scaled = slopes.map((slope) => (8 * slope) / Math.exp(25));
    expect(scaled).toBeClose(new Array(8).fill(1), TOLERANCE.gradient);
  });

  test("at r = 1 the gradient is −A·(onehot − π) per token, times the aggregation weight", async () => {
    const row = fc.array(fc.float({ min: -5, max: 5, noNaN: true }), {
      minLength: 2,
      maxLength: 9,
    });
    const amount = fc.float({ min: -2, max: 2, noNaN: true });
    await fc.assert(
      fc.asyncProperty(row, amount, async (logits, advantage) => {
        const oldLogProb = tokenLogProb(logits, 1);
        const same = { logits, token: 1, oldLogProb, referenceLogProb: oldLogProb, sequence: 0 };
        const tokens = [advantage, 0].map((A) => ({ ...same, advantage: A }));
        const { gradients } = await update(tokens, { ...GRPO, klCoefficient: 0 });
        const expected = probabilities(logits).map(
          (p, v) => (-advantage * ((v === 1 ? 1 : 0) - p)) / 2,
        );
        expect(gradients.slice(0, logits.length)).toBeClose(expected, TOLERANCE.gradient);
      }),
      { numRuns: form === "gpu form" ? 5 : 40 },
    );
  });

  test("masked tokens carry exactly 0, even where their numbers are NaN", async () => {
    const tokens = tokensOf(31, 31).map((t) =>
      t.masked
        ? { ...t, oldLogProb: Number.NaN, logits: new Float32Array(31).fill(Number.NaN) }
        : t,
    );
    const { gradients, slopes, summary } = await update(tokens);
    tokens.forEach((t, i) => {
      if (!t.masked) return;
      expect(slopes[i]).toBe(0);
      expect(gradients.slice(31 * i, 31 * i + 31)).toEqual(new Array(31).fill(0));
    });
    expect(gradients.every(Number.isFinite)).toBe(true);
    expect(summary.broken).toBe(0);
  });

  test("a batch without any unmasked token is all zeros, not NaN", async () => {
    const tokens = tokensOf(3, 5).map((t) => ({ ...t, masked: true }));
    const { gradients, summary } = await update(tokens);
    expect(gradients).toEqual(new Array(15).fill(0));
    expect(Object.values(summary)).toEqual(Object.values(summary).map(() => 0));
  });

  test("a masked logit (−∞) has gradient 0 and leaves the others finite", async () => {
    const logits = Float32Array.of(0, 0, -Infinity);
    const oldLogProb = -Math.LN2;
    const same = { logits, token: 0, oldLogProb, referenceLogProb: oldLogProb, sequence: 0 };
    const { gradients } = await update([{ ...same, advantage: 1 }]);
    expect(gradients).toBeClose([-0.5, 0.5, 0], TOLERANCE.gradient);
  });

  test("logits of ±1e4 give a finite gradient", async () => {
    const logits = Float32Array.from({ length: 257 }, (_, v) => [1e4, -1e4, -Infinity][v % 3]!);
    const oldLogProb = tokenLogProb(logits, 0);
    const same = { logits, token: 0, oldLogProb, referenceLogProb: oldLogProb, sequence: 0 };
    await compare([{ ...same, advantage: 1 }], GRPO);
  });

  test.each(["oldLogProb", "referenceLogProb", "advantage"] as const)(
    "a %s that is not finite is counted as a broken loss",
    async (name) => {
      const tokens = tokensOf(12, 5);
      for (const bad of [Number.NaN, Infinity]) {
        const { summary } = await update(tokens.with(3, { ...tokens[3]!, [name]: bad }));
        expect(summary.broken).toBe(1);
      }
    },
  );

  test("a logit that is NaN is counted as a broken loss", async () => {
    const tokens = tokensOf(12, 5);
    const logits = Float32Array.from(tokens[3]!.logits).fill(Number.NaN, 1, 2);
    const { summary } = await update(tokens.with(3, { ...tokens[3]!, logits }));
    expect(summary.broken).toBe(1);
  });

  /** Of one token by d = ln ref − ln π. */
  const KL_VALUES = {
    k1: (d: number) => -d,
    k2: (d: number) => d ** 2 / 2,
    k3: (d: number) => (d > 20 ? Math.exp(20) * (d - 19) : Math.exp(d)) - d - 1,
  };

  test.each(KL_ESTIMATORS)(
    "where policy and reference are far apart the gradient is the loss's slope (%s)",
    async (klEstimator) => {
      const options = { ...GRPO, klEstimator, klCoefficient: 1, lossAggregation: "token-sum" };
      for (const distance of [-1e6, -1000, -25, -19.5, -3, 3, 19.5, 25, 1000]) {
        const [token] = tokensOf(1, 5);
        const logProb = Math.fround(tokenLogProb(token!.logits, token!.token));
        const referenceLogProb = Math.fround(logProb + distance);
        const silent = { ...token!, advantage: 0, masked: false, referenceLogProb };
        const found = await update([silent], options as PolicyUpdateOptions);
        const kl = KL_VALUES[klEstimator];
        const d = referenceLogProb - logProb;
        const h = 1e-4 * Math.max(1, Math.abs(d) / 100);
        const slope = -(kl(d + h) - kl(d - h)) / (2 * h);
        expect(found.slopes[0]!, `${distance}`).toBeClose(slope, TOLERANCE.gradient);
        expect(found.summary.klMean, `${distance}`).toBeClose(kl(d), TOLERANCE.kernel);
      }
    },
  );

  test.each(DIALECT_NAMES)(
    "log-probabilities that are far apart give finite losses and gradients: %s",
    async (dialect) => {
      const { logRatioLimit, k3Limit } = DIALECTS[dialect];
      const distances = [-1e18, -1000, -81, -30, 30, 79, 81, 1000, 1e18];
      for (const klEstimator of KL_ESTIMATORS) {
        for (const dualClip of [0, 3]) {
          const tokens = distances.flatMap((distance) =>
            [-1000, 0, 1000].map((advantage) => ({
              ...{ ...tokensOf(1, 5)[0]!, advantage, masked: false },
              ...{ oldLogProb: -distance, referenceLogProb: distance },
            })),
          );
          const options = { ...GRPO, klEstimator, dualClip, logRatioLimit, k3Limit };
          const { gradients, slopes, summary } = await update(tokens, options);
          expect([...gradients, ...slopes].every(Number.isFinite)).toBe(true);
          expect(Object.values(summary).every(Number.isFinite)).toBe(true);
          expect(summary.broken).toBe(0);
          expect(summary.logProbGapMax).toBeGreaterThan(1e17);
        }
      }
    },
  );

  test("past the limit on log r the surrogate is constant: slope 0", async () => {
    const tokens = tokensOf(8, 5).map((t) => ({
      ...t,
      advantage: -1,
      oldLogProb: t.oldLogProb - 30,
      masked: false,
    }));
    const { slopes, summary } = await update(tokens, { ...GRPO, klCoefficient: 0 });
    expect(slopes.map(Math.abs)).toEqual(new Array(8).fill(0));
    expect(summary.policyLoss).toBeClose(Math.exp(20), TOLERANCE.kernel);
  });

  test("k3 keeps its digits where policy and reference are close", async () => {
    const tokens = tokensOf(8, 5).map((t, i) => {
      const logProb = Math.fround(tokenLogProb(t.logits, t.token));
      return { ...t, masked: i > 0, oldLogProb: logProb, referenceLogProb: logProb + 2e-3 };
    });
    const { summary } = await update(tokens);
    // f32 log-probabilities carry errors near 1e-7, a ten-thousandth of this difference.
    expect(summary.klMean / policyGradient(tokens, GRPO).kl).toBeClose(1, 1e-3);
  });

  test("the KL of updates keeps its digits where the policy has hardly moved", async () => {
    for (const distance of [-2e-3, 2e-3]) {
      const tokens = tokensOf(8, 5).map((t, i) => {
        const logProb = Math.fround(tokenLogProb(t.logits, t.token));
        return { ...t, masked: i > 0, oldLogProb: logProb + distance };
      });
      const { summary } = await update(tokens);
      expect(summary.updateKl / policyGradient(tokens, GRPO).updateKl).toBeClose(1, 1e-3);
    }
  });
});
