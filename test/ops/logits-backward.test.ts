import { beforeAll, describe, expect, test } from "bun:test";
import { randomFrom } from "../../src/core/random.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { logitsBackwardKernel } from "../../src/ops/policy-gradients.ts";
import { probabilities, tokenLogProb } from "../reference/entropy.ts";
import { numericalGradient } from "../reference/numerical-gradient.ts";
import { FORMS, runKernel, testGpu } from "../support/device.ts";
import { tokensOf } from "../support/policy-update.ts";
import { TOLERANCE } from "../support/tolerances.ts";

describe.each(FORMS)("%s", (form) => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu(form);
  });

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
        entropy: new Float32Array(tokens.length),
        token_weight: new Float32Array(tokens.length),
      },
      { logits: { length: logits.length } },
      { ...size, temperature: 1, entropy_coefficient: 0 },
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
