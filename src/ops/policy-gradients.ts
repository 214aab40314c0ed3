import surrogateSource from "../../shaders/policy-gradients/clipped-surrogate.wgsl" with {
  type: "text",
};
import logitsSource from "../../shaders/policy-gradients/logits-backward.wgsl" with {
  type: "text",
};
import summarySource from "../../shaders/policy-gradients/surrogate-summary.wgsl" with {
  type: "text",
};
import valueSource from "../../shaders/policy-gradients/value-loss.wgsl" with { type: "text" };
import { defineKernel } from "../gpu/kernel.ts";
import type { Pass } from "../gpu/pass.ts";
import { elementForm, rowForms } from "../gpu/row-kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";

export const clippedSurrogateKernel = defineKernel({
  name: "clipped-surrogate",
  buffers: {
    log_prob: "read",
    old: "read",
    reference: "read",
    step_of: "read",
    advantage: "read",
    weight: "read",
    gradient: "write",
    terms: "write",
  },
  params: {
    tokens: "u32",
    clip_low: "f32",
    clip_high: "f32",
    dual_clip: "f32",
    kl_coefficient: "f32",
    kl_kind: "u32",
    log_ratio_limit: "f32",
    k3_limit: "f32",
  },
  gpu: elementForm(surrogateSource, ["tokens"]),
});

export const surrogateSummaryKernel = defineKernel({
  name: "surrogate-summary",
  buffers: { terms: "read", weight: "read", entropy: "read", result: "read_write" },
  params: { tokens: "u32", entropy_coefficient: "f32" },
  ...rowForms(summarySource, 1),
});

export const valueLossKernel = defineKernel({
  name: "value-loss",
  buffers: {
    value: "read",
    old: "read",
    target_value: "read",
    weight: "read",
    gradient: "write",
    terms: "write",
  },
  params: { tokens: "u32", clip: "f32", coefficient: "f32" },
  gpu: elementForm(valueSource, ["tokens"]),
});

export const logitsBackwardKernel = defineKernel({
  name: "logits-backward",
  buffers: {
    weight: "read",
    tokens: "read",
    lse: "read",
    entropy: "read",
    token_weight: "read",
    logits: "read_write",
  },
  params: { rows: "u32", cols: "u32", temperature: "f32", entropy_coefficient: "f32" },
  ...rowForms(logitsSource, "rows"),
});

/** Estimators of KL(policy ‖ reference), after Schulman. */
export const KL_ESTIMATORS = ["k1", "k2", "k3"] as const;
export type KlEstimator = (typeof KL_ESTIMATORS)[number];

export interface SurrogateOptions {
  readonly clipLow: number;
  readonly clipHigh: number;
  /** A negative advantage costs at most so many times itself; 0: no bound. */
  readonly dualClip: number;
  readonly klCoefficient: number;
  readonly klEstimator: KlEstimator;
  /** ln r is held within ± so much, past which the surrogate is constant. */
  readonly logRatioLimit: number;
  /** k3 is held below so much, past which it has no gradient. */
  readonly k3Limit: number;
  /** Weight of the tokens' entropy, which is subtracted from the loss. */
  readonly entropyCoefficient: number;
}

/** Numbers per token in `terms`, and in the summary. */
export const SURROGATE_TERMS = 6;
export const SUMMARY_LENGTH = 10;

/**
 * gradient (tokens) = dloss / dlogProb of the clipped surrogate with KL; terms (tokens, 6) feed `surrogateSummary`.
 * logProb, old, reference (tokens, nats); stepOf (tokens) → advantage (steps, or tokens where each has its own);
 * weight (tokens), 0 masks.
 */
export function clippedSurrogate(
  pass: Pass,
  io: {
    logProb: Tensor;
    old: Tensor;
    reference: Tensor;
    stepOf: Tensor;
    advantage: Tensor;
    weight: Tensor;
    gradient: Tensor;
    terms: Tensor;
  },
  tokens: number,
  options: SurrogateOptions,
): void {
  const { logProb, old, reference, stepOf, advantage, weight, gradient, terms } = io;
  pass.run(
    clippedSurrogateKernel,
    { log_prob: logProb, old, reference, step_of: stepOf, advantage, weight, gradient, terms },
    {
      tokens,
      clip_low: options.clipLow,
      clip_high: options.clipHigh,
      dual_clip: options.dualClip,
      kl_coefficient: options.klCoefficient,
      kl_kind: KL_ESTIMATORS.indexOf(options.klEstimator),
      log_ratio_limit: options.logRatioLimit,
      k3_limit: options.k3Limit,
    },
  );
}

/** The scalars that are logged of an update. */
export interface SurrogateSummary {
  readonly policyLoss: number;
  readonly klLoss: number;
  readonly klMean: number;
  readonly clipFraction: number;
  readonly tokens: number;
  /** Tokens whose loss is not a finite number. */
  readonly broken: number;
  readonly ratioMax: number;
  readonly logProbGapMax: number;
  /** What the entropy adds to the loss: below 0 where it is rewarded. */
  readonly entropyLoss: number;
  /** How far the policy is from the one that sampled, by k3: mean of r − 1 − ln r, never below 0. */
  readonly updateKl: number;
}

/** Adds the tokens of one micro-batch to result (10); micro-batches can follow one another. */
export function surrogateSummary(
  pass: Pass,
  io: { terms: Tensor; weight: Tensor; entropy: Tensor; result: Tensor },
  tokens: number,
  entropyCoefficient: number,
): void {
  pass.run(surrogateSummaryKernel, io, { tokens, entropy_coefficient: entropyCoefficient });
}

/** Names the numbers of a summary that was read back. */
export function readSummary(result: ArrayLike<number>): SurrogateSummary {
  const at = (i: number) => result[i] ?? Number.NaN;
  const tokens = Math.max(at(4), 1);
  return {
    policyLoss: at(0),
    klLoss: at(1),
    klMean: at(2) / tokens,
    clipFraction: at(3) / tokens,
    tokens: at(4),
    broken: at(5),
    ratioMax: at(6),
    logProbGapMax: at(7),
    updateKl: at(8) / tokens,
    entropyLoss: at(9),
  };
}

/** A loss −coefficient · Σ weight·H over tokens: weight (tokens). */
export interface EntropyBonus {
  readonly weight: Tensor;
  readonly coefficient: number;
}

/**
 * logits (rows, V) become the gradient weight · (onehot(tokens) − p) / temperature with p = softmax(logits / temperature),
 * and with a bonus what it adds: coefficient · bonus.weight · p · (ln p + entropy) / temperature.
 */
export function logitsBackward(
  pass: Pass,
  io: { weight: Tensor; tokens: Tensor; lse: Tensor; entropy: Tensor; logits: Tensor },
  size: { rows: number; cols: number; temperature: number },
  bonus: EntropyBonus = { weight: io.weight, coefficient: 0 },
): void {
  const buffers = { ...io, token_weight: bonus.weight };
  pass.run(logitsBackwardKernel, buffers, { ...size, entropy_coefficient: bonus.coefficient });
}

/**
 * gradient (tokens) = coefficient · dloss / dvalue of the clipped value loss; terms (tokens) are its parts, without the
 * coefficient. value, old, target (tokens); weight (tokens), 0 where no value is asked for.
 */
export function valueLoss(
  pass: Pass,
  io: {
    value: Tensor;
    old: Tensor;
    target: Tensor;
    weight: Tensor;
    gradient: Tensor;
    terms: Tensor;
  },
  tokens: number,
  options: { clip: number; coefficient: number },
): void {
  const { target, ...rest } = io;
  pass.run(valueLossKernel, { ...rest, target_value: target }, { tokens, ...options });
}
