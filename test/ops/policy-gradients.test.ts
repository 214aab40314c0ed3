import { beforeAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type LossAggregation, lossWeights } from "../../src/algorithm/loss-weights.ts";
import { randomFrom } from "../../src/core/random.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { tokenEntropy } from "../../src/ops/entropy.ts";
import {
  clippedSurrogate,
  KL_ESTIMATORS,
  logitsBackward,
  logitsBackwardKernel,
  readSummary,
  SUMMARY_LENGTH,
  SURROGATE_TERMS,
  type SurrogateOptions,
  surrogateSummary,
} from "../../src/ops/policy-gradients.ts";
import { probabilities, tokenLogProb } from "../reference/entropy.ts";
import { numericalGradient } from "../reference/numerical-gradient.ts";
import { type PolicyToken, policyGradient } from "../reference/policy-gradients.ts";
import { FORMS, runKernel, testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const AGGREGATIONS = [
  "token-mean",
  "seq-mean-token-sum",
  "seq-mean-token-mean",
] as const satisfies LossAggregation[];

interface Options extends SurrogateOptions {
  readonly lossAggregation: LossAggregation;
  readonly temperature: number;
}

const GRPO: Options = {
  clipLow: 0.2,
  clipHigh: 0.28,
  klCoefficient: 0.3,
  klEstimator: "k3",
  lossAggregation: "token-mean",
  temperature: 1,
};

/** Tokens of 4 sequences with ratios inside and outside the clip range, both signs of A, some masked. */
function tokensOf(rows: number, cols: number, temperature = 1): PolicyToken[] {
  const random = randomFrom(rows * cols);
  const centred = (spread: number) => Math.fround(spread * (2 * random.uniform() - 1));
  return Array.from({ length: rows }, (_, t) => {
    const logits = Float32Array.from({ length: cols }, () => centred(4));
    const token = random.integer(cols);
    const logProb = tokenLogProb(logits, token, temperature);
    return {
      logits,
      token,
      advantage: centred(2),
      oldLogProb: Math.fround(logProb + centred(0.6)),
      referenceLogProb: Math.fround(logProb + centred(t % 2 === 0 ? 0.01 : 1)),
      sequence: t % 4,
      masked: t % 5 === 2,
    };
  });
}

/** The loss's weight of each token, by the counts of the whole update. */
function weightsOf(tokens: readonly PolicyToken[], aggregation: LossAggregation): number[] {
  const lengths = [0, 1, 2, 3].map(
    (sequence) => tokens.filter((t) => t.sequence === sequence && !t.masked).length,
  );
  const weights = lossWeights(lengths, aggregation);
  return tokens.map((t) => (t.masked ? 0 : weights[t.sequence]!));
}

describe.each(FORMS)("%s", (form) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu(form);
  });

  /** Logits to gradient and scalars, `perBatch` tokens at a time; each token is a step of its own. */
  async function update(
    tokens: readonly PolicyToken[],
    options: Options = GRPO,
    perBatch = tokens.length,
  ) {
    using scope = gpu.scope();
    const cols = tokens[0]!.logits.length;
    const weights = weightsOf(tokens, options.lossAggregation);
    const result = scope.f32("result", [SUMMARY_LENGTH]);
    const gradients: number[] = [];
    const slopes: number[] = [];
    for (let start = 0; start < tokens.length; start += perBatch) {
      const batch = tokens.slice(start, start + perBatch);
      const rows = batch.length;
      const f32 = (label: string, values: Iterable<number>) => {
        const array = Float32Array.from(values);
        const tensor = scope.f32(label, [array.length]);
        gpu.write(tensor, array);
        return tensor;
      };
      const u32 = (label: string, values: number[]) => {
        const tensor = scope.u32(label, [values.length]);
        gpu.write(tensor, Uint32Array.from(values));
        return tensor;
      };
      const logits = f32(
        "logits",
        batch.flatMap((t) => Array.from(t.logits)),
      );
      const ids = u32(
        "tokens",
        batch.map((t) => t.token),
      );
      const row = (label: string) => scope.f32(label, [rows]);
      const [logProb, entropy, lse] = [row("log-prob"), row("entropy"), row("lse")];
      const gradient = row("gradient");
      const weight = f32("weight", weights.slice(start, start + perBatch));
      const terms = scope.f32("terms", [rows, SURROGATE_TERMS]);
      const inputs = {
        logProb,
        old: f32(
          "old",
          batch.map((t) => t.oldLogProb),
        ),
        reference: f32(
          "reference",
          batch.map((t) => t.referenceLogProb!),
        ),
        // A masked token's step is never looked up.
        stepOf: u32(
          "step of",
          batch.map((t, i) => (t.masked ? 4_000_000_000 : i)),
        ),
        advantage: f32(
          "advantage",
          batch.map((t) => t.advantage),
        ),
      };
      const { temperature } = options;
      gpu.submit((pass) => {
        tokenEntropy(
          pass,
          { logits, tokens: ids, logProb, entropy, lse },
          { rows, cols, temperature },
        );
        clippedSurrogate(pass, { ...inputs, weight, gradient, terms }, rows, options);
        surrogateSummary(pass, { terms, weight, result }, rows);
        logitsBackward(
          pass,
          { weight: gradient, tokens: ids, lse, logits },
          { rows, cols, temperature },
        );
      });
      const [found, slope] = await gpu.readAll([logits, gradient]);
      gradients.push(...found!);
      slopes.push(...slope!);
    }
    return { gradients, slopes, summary: readSummary(await gpu.read(result)) };
  }

  async function compare(tokens: readonly PolicyToken[], options: Options) {
    const { gradients, summary } = await update(tokens, options);
    const wanted = policyGradient(tokens, options);
    expect(gradients).toBeClose(wanted.logitsGradient.flat(), TOLERANCE.gradient);
    // Gradients are divided by token counts: their own size is the yardstick.
    const largest = Math.max(...wanted.logitsGradient.flat().map(Math.abs));
    const scaled = (values: readonly number[]) => values.map((value) => value / (largest || 1));
    expect(scaled(gradients)).toBeClose(scaled(wanted.logitsGradient.flat()), TOLERANCE.gradient);
    const { policyLoss, klLoss, kl, clipFraction, ratioMax } = wanted;
    const { broken, ...found } = summary;
    expect([
      found.policyLoss,
      found.klLoss,
      found.klMean,
      found.clipFraction,
      found.ratioMax,
    ]).toBeClose([policyLoss, klLoss, kl, clipFraction, ratioMax], TOLERANCE.kernel);
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
        // An infinitely unlikely reference is a large KL, past the limit on differences.
        if (bad === Infinity && name === "referenceLogProb") continue;
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

  test("log-probabilities that are far apart give finite gradients", async () => {
    for (const distance of [-1000, -21, 21, 1000]) {
      const tokens = tokensOf(8, 5).map((t) => ({
        ...t,
        oldLogProb: t.oldLogProb + distance,
        referenceLogProb: t.referenceLogProb! + distance,
      }));
      const { gradients, summary } = await update(tokens);
      expect(gradients.every(Number.isFinite)).toBe(true);
      expect(summary.broken).toBe(0);
      expect(summary.logProbGapMax).toBeGreaterThan(20);
    }
  });

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

  describe("logits backward", () => {
    const gradientOf = async (logits: readonly number[], tokens: number[], weight: number[]) => {
      const cols = logits.length / tokens.length;
      const size = { rows: tokens.length, cols };
      const lse = tokens.map((token, t) => {
        const row = logits.slice(t * cols, (t + 1) * cols);
        return row[token]! - tokenLogProb(row, token);
      });
      const found = await runKernel(
        gpu,
        logitsBackwardKernel,
        {
          logits: Float32Array.from(logits),
          tokens: Uint32Array.from(tokens),
          weight: Float32Array.from(weight),
          lse: Float32Array.from(lse),
        },
        { logits: { length: logits.length } },
        { ...size, temperature: 1 },
      );
      return found.logits;
    };

    test("weights of −1/N give the gradient of the mean cross-entropy", async () => {
      const logits = tokensOf(6, 7).flatMap((t) => Array.from(t.logits));
      const tokens = [0, 6, 3, 3, 1, 5];
      const crossEntropy = (z: readonly number[]) =>
        tokens.reduce((sum, y, t) => sum - tokenLogProb(z.slice(7 * t, 7 * t + 7), y) / 6, 0);
      const found = await gradientOf(logits, tokens, new Array(6).fill(-1 / 6));
      // Minimising Σ −ln π/N: dLoss/dlogProb is −1/N.
      expect(found).toBeClose(numericalGradient(crossEntropy, logits), TOLERANCE.gradient);
    });

    test("each row of the gradient sums to 0", async () => {
      const logits = tokensOf(5, 257).flatMap((t) => Array.from(t.logits));
      const found = Array.from(await gradientOf(logits, [0, 1, 2, 255, 256], [1, -1, 2, -3, 0.5]));
      for (let t = 0; t < 5; t++) {
        const sum = found.slice(257 * t, 257 * t + 257).reduce((a, b) => a + b);
        expect(sum).toBeClose(0, TOLERANCE.gradient);
      }
    });

    test("the Monte-Carlo mean of ‖e_a − π‖² is 1 − Σπ²", async () => {
      const draws = form === "gpu form" ? 40 : 4000;
      const random = randomFrom(3);
      const row = Array.from({ length: 13 }, () => 4 * random.uniform());
      const p = probabilities(row);
      const below = p.map((_, v) => p.slice(0, v + 1).reduce((a, b) => a + b));
      const tokens = Array.from({ length: draws }, () => {
        const place = random.uniform();
        return Math.min(below.filter((sum) => sum <= place).length, 12);
      });
      const found = Array.from(
        await gradientOf(
          tokens.flatMap(() => row),
          tokens,
          new Array(draws).fill(1),
        ),
      );
      const squares = tokens.map((_, t) =>
        found.slice(13 * t, 13 * t + 13).reduce((sum, x) => sum + x * x, 0),
      );
      const mean = squares.reduce((a, b) => a + b) / draws;
      const variance = squares.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (draws - 1);
      const exact = 1 - p.reduce((sum, value) => sum + value * value, 0);
      expect(Math.abs(mean - exact)).toBeLessThan(4 * Math.sqrt(variance / draws));
    });
  });
});
