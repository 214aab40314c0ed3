/** The policy-gradient stage from logits to their gradient, and tokens to try it on. */

import { type LossAggregation, lossWeights } from "../../src/algorithm/loss-weights.ts";
import { randomFrom } from "../../src/core/random.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { tokenEntropy } from "../../src/ops/entropy.ts";
import {
  clippedSurrogate,
  logitsBackward,
  readSummary,
  SUMMARY_LENGTH,
  SURROGATE_TERMS,
  type SurrogateOptions,
  surrogateSummary,
} from "../../src/ops/policy-gradients.ts";
import { tokenLogProb } from "../reference/entropy.ts";
import type { PolicyToken } from "../reference/policy-gradients.ts";

export interface PolicyUpdateOptions extends SurrogateOptions {
  readonly lossAggregation: LossAggregation;
  readonly lossNorm: number;
  readonly temperature: number;
}

export const GRPO: PolicyUpdateOptions = {
  clipLow: 0.2,
  clipHigh: 0.28,
  dualClip: 0,
  klCoefficient: 0.3,
  klEstimator: "k3",
  logRatioLimit: 20,
  k3Limit: 3e38,
  entropyCoefficient: 0,
  lossAggregation: "token-mean",
  lossNorm: 12,
  temperature: 1,
};

/** Tokens of 4 sequences with ratios inside and outside the clip range, both signs of A, some masked. */
export function tokensOf(rows: number, cols: number, temperature = 1): PolicyToken[] {
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
function weightsOf(
  tokens: readonly PolicyToken[],
  { lossAggregation, lossNorm }: Pick<PolicyUpdateOptions, "lossAggregation" | "lossNorm">,
): number[] {
  const lengths = [0, 1, 2, 3].map(
    (sequence) => tokens.filter((t) => t.sequence === sequence && !t.masked).length,
  );
  const weights = lossWeights(lengths, lossAggregation, lossNorm);
  return tokens.map((t) => (t.masked ? 0 : weights[t.sequence]!));
}

/** Logits to gradient and scalars, `perBatch` tokens at a time; each token is a step of its own. */
export async function policyUpdate(
  gpu: Gpu,
  tokens: readonly PolicyToken[],
  options: PolicyUpdateOptions = GRPO,
  perBatch = tokens.length,
) {
  using scope = gpu.scope();
  const cols = tokens[0]!.logits.length;
  const weights = weightsOf(tokens, options);
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
    const { temperature, entropyCoefficient } = options;
    gpu.submit((pass) => {
      tokenEntropy(
        pass,
        { logits, tokens: ids, logProb, entropy, lse },
        { rows, cols, temperature },
      );
      clippedSurrogate(pass, { ...inputs, weight, gradient, terms }, rows, options);
      surrogateSummary(pass, { terms, weight, entropy, result }, rows, entropyCoefficient);
      logitsBackward(
        pass,
        { weight: gradient, tokens: ids, lse, entropy, logits },
        { rows, cols, temperature },
        { weight, coefficient: entropyCoefficient },
      );
    });
    const [found, slope] = await gpu.readAll([logits, gradient]);
    gradients.push(...found!);
    slopes.push(...slope!);
  }
  return { gradients, slopes, summary: readSummary(await gpu.read(result)) };
}
