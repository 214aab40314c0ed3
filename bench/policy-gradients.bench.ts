import type { Gpu } from "../src/gpu/device.ts";
import type { Scope } from "../src/gpu/memory.ts";
import type { Pass } from "../src/gpu/pass.ts";
import { clippedSurrogate, logitsBackward, SURROGATE_TERMS } from "../src/ops/policy-gradients.ts";
import { logProbabilities, probabilities } from "../test/reference/entropy.ts";
import { policyGradient } from "../test/reference/policy-gradients.ts";
import { TOLERANCE } from "../test/support/tolerances.ts";
import {
  type Benchmark,
  compareSampled,
  type Prepared,
  remember,
  type Suite,
  uniform,
  whole,
} from "./benchmark.ts";

export const policyGradients: Suite = {
  name: "policy-gradients",
  plan: (size) => [
    logitsBackwardOf(512, 1024),
    ...(size === "gpu" ? [logitsBackwardOf(64, 151_936)] : []),
    clippedSurrogateOf(size === "gpu" ? 1_048_576 : 16_384),
  ],
};

/** Per logit: an exponential, and four operations around it. */
const FLOPS_PER_LOGIT = 5;
/** Per token: two exponentials, and the arithmetic of surrogate, KL and their slopes. */
const FLOPS_PER_TOKEN = 30;

function logitsBackwardOf(rows: number, cols: number): Benchmark {
  return {
    name: "logits-backward",
    shape: `${rows}×${cols}`,
    bytes: 4 * rows * (2 * cols + 5),
    flops: FLOPS_PER_LOGIT * rows * cols,
    prepare: (gpu, scope) => prepareLogits(gpu, scope, rows, cols),
  };
}

function prepareLogits(gpu: Gpu, scope: Scope, rows: number, cols: number): Prepared {
  const temperature = 0.7;
  const fresh = uniform(gpu, scope, "logits", [rows, cols], [-4, 4]);
  const weight = uniform(gpu, scope, "weights", [rows]);
  const tokens = whole(gpu, scope, "tokens", rows, (row) => (row * 7919) % cols);
  const row = (i: number) => fresh.values.subarray(i * cols, (i + 1) * cols);
  const lse = scope.f32("lse", [rows]);
  const entropy = uniform(gpu, scope, "entropies", [rows], [0, 4]);
  const logits = scope.f32("logits gradient", [rows, cols]);
  const scaled = Float32Array.from({ length: rows }, (_, i) => {
    const first = row(i)[0]! / temperature;
    return first - logProbabilities(row(i), temperature)[0]!;
  });
  gpu.write(lse, scaled);
  const record = (pass: Pass) => {
    pass.copy(fresh.tensor, logits);
    const io = {
      weight: weight.tensor,
      tokens: tokens.tensor,
      lse,
      entropy: entropy.tensor,
      logits,
    };
    logitsBackward(pass, io, { rows, cols, temperature });
  };
  const p = remember((i) => probabilities(row(i), temperature));
  const at = (index: number) => {
    const [i, v] = [Math.floor(index / cols), index % cols];
    const onehot = tokens.values[i] === v ? 1 : 0;
    return (weight.values[i]! * (onehot - p(i)[v]!)) / temperature;
  };
  const expected = { of: logits, at, tolerance: TOLERANCE.kernel };
  return { check: () => compareSampled(gpu, record, [expected]), work: { record } };
}

function clippedSurrogateOf(tokens: number): Benchmark {
  return {
    name: "clipped-surrogate",
    shape: `${tokens}`,
    bytes: 4 * tokens * (6 + 1 + SURROGATE_TERMS),
    flops: FLOPS_PER_TOKEN * tokens,
    prepare: (gpu, scope) => prepareSurrogate(gpu, scope, tokens),
  };
}

function prepareSurrogate(gpu: Gpu, scope: Scope, tokens: number): Prepared {
  const steps = Math.ceil(tokens / 16);
  const inputs = {
    logProb: uniform(gpu, scope, "log-probabilities", [tokens], [-3, -0.1]),
    old: uniform(gpu, scope, "old log-probabilities", [tokens], [-3, -0.1]),
    reference: uniform(gpu, scope, "reference log-probabilities", [tokens], [-3, -0.1]),
    advantage: uniform(gpu, scope, "advantages", [steps]),
    weight: uniform(gpu, scope, "weights", [tokens], [0.1, 1]),
  };
  const { logProb, old, reference, advantage, weight } = inputs;
  const stepOf = whole(gpu, scope, "step of token", tokens, (t) => Math.floor(t / 16));
  const gradient = scope.f32("gradient", [tokens]);
  const terms = scope.f32("terms", [tokens, SURROGATE_TERMS]);
  const options = {
    clipLow: 0.2,
    clipHigh: 0.3,
    dualClip: 0,
    klCoefficient: 0.01,
    klEstimator: "k3",
    logRatioLimit: 20,
    k3Limit: 3e38,
    entropyCoefficient: 0,
  } as const;
  const io = {
    logProb: logProb.tensor,
    old: old.tensor,
    reference: reference.tensor,
    stepOf: stepOf.tensor,
    advantage: advantage.tensor,
    weight: weight.tensor,
    gradient,
    terms,
  };
  const record = (pass: Pass) => clippedSurrogate(pass, io, tokens, options);
  const at = (t: number) => {
    // Over two tokens of which the first has this log-probability, dloss / dlogit is slope · (1 − p).
    const p = Math.exp(logProb.values[t]!);
    const { logitsGradient } = policyGradient(
      [
        {
          logits: [Math.log(p), Math.log(1 - p)],
          token: 0,
          advantage: advantage.values[stepOf.values[t]!]!,
          oldLogProb: old.values[t]!,
          referenceLogProb: reference.values[t]!,
          sequence: 0,
        },
      ],
      options,
    );
    return (weight.values[t]! * logitsGradient[0]![0]!) / (1 - p);
  };
  const expected = { of: gradient, at, tolerance: TOLERANCE.kernel };
  return { check: () => compareSampled(gpu, record, [expected]), work: { record } };
}
