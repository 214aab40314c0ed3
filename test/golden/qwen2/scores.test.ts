import { describe, expect, test } from "bun:test";
import { parseModelConfig } from "../../../src/model/config.ts";
import { Scorer } from "../../../src/model/scorer.ts";
import { logProbabilities, tokenEntropy, tokenLogProb } from "../../reference/entropy.ts";
import { qwen2Logits } from "../../reference/qwen2.ts";
import { FORMS, testGpu } from "../../support/device.ts";
import { openTensors } from "../../support/golden-model.ts";
import { TOLERANCE } from "../../support/tolerances.ts";
import { GOLDEN, type Golden, goldenWeights, unpacked } from "./vectors.ts";

/** |found − expected|, the largest: these vectors are held to absolute differences. */
function largestDifference(found: readonly number[], expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
}

describe.each(FORMS)("in its %s the engine agrees with transformers on", (form) => {
  const CAPACITY = 1024;
  // Computed on a CPU, the form for GPUs is slow: it is asked for a part of the vocabulary.
  const stride = form === "own form" ? 1 : 8;

  /** What a model's scorer says of sequences, as many at once as it takes. */
  async function scoresOf(golden: Golden, sequences: readonly (readonly number[])[], t: number) {
    const gpu = await testGpu(form);
    using scope = gpu.scope();
    const model = await openTensors(gpu, scope, golden.config, goldenWeights(golden));
    const scorer = new Scorer(gpu, scope, model, CAPACITY);
    const longest = Math.max(...sequences.map((ids) => ids.length));
    const together = Math.floor(CAPACITY / longest);
    const found = [];
    for (let at = 0; at < sequences.length; at += together) {
      found.push(...(await scorer.score(sequences.slice(at, at + together), t)));
    }
    return found;
  }

  test.each(GOLDEN)("log-probabilities and entropies: %s", async (_, golden) => {
    const { sequences, logprobs, entropies } = golden.scores;
    const found = await scoresOf(golden, sequences, golden.temperature);
    const logProbs = found.flatMap((one) => one.logProbs);
    expect(largestDifference(logProbs, unpacked(logprobs))).toBeLessThan(TOLERANCE.golden);
    const ours = found.flatMap((one) => one.entropies);
    expect(largestDifference(ours, unpacked(entropies))).toBeLessThan(TOLERANCE.golden);
  });

  test.each(GOLDEN)("every logit, but for their constant: %s", async (_, golden) => {
    const { context, values } = golden.logits;
    const expected = logProbabilities(unpacked(values));
    const tokens = [...expected.keys()].filter((token) => token % stride === 0);
    const found = await scoresOf(
      golden,
      tokens.map((token) => [...context, token]),
      1,
    );
    const logProbs = found.map((one) => one.logProbs.at(-1)!);
    const asked = tokens.map((token) => expected[token]!);
    expect(largestDifference(logProbs, asked)).toBeLessThan(TOLERANCE.golden);
  });
});

describe("the f64 reference agrees with transformers on", () => {
  const referenceOf = (golden: Golden) => {
    const config = parseModelConfig(JSON.stringify(golden.config), golden.name);
    const parameters = new Map(goldenWeights(golden).map(({ name, values }) => [name, values]));
    return (ids: readonly number[]) => qwen2Logits(config, parameters, ids);
  };

  test.each(GOLDEN)("log-probabilities and entropies: %s", (_, golden) => {
    const { sequences, logprobs, entropies } = golden.scores;
    const reference = referenceOf(golden);
    const rows = sequences.flatMap((ids) =>
      reference(ids)
        .slice(0, -1)
        .map((row, t) => ({ row, token: ids[t + 1]! })),
    );
    const t = golden.temperature;
    const logProbs = rows.map(({ row, token }) => tokenLogProb(row, token, t));
    expect(largestDifference(logProbs, unpacked(logprobs))).toBeLessThan(TOLERANCE.golden);
    const ours = rows.map(({ row }) => tokenEntropy(row, t));
    expect(largestDifference(ours, unpacked(entropies))).toBeLessThan(TOLERANCE.golden);
  });

  test.each(GOLDEN)("every logit: %s", (_, golden) => {
    const { context, values } = golden.logits;
    const logits = referenceOf(golden)(context).at(-1)!;
    expect(largestDifference(logits, unpacked(values))).toBeLessThan(TOLERANCE.golden);
  });
});
