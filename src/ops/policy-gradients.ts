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
  },
  gpu: elementForm(surrogateSource, ["tokens"]),
});

export const surrogateSummaryKernel = defineKernel({
  name: "surrogate-summary",
  buffers: { terms: "read", weight: "read", result: "read_write" },
  params: { tokens: "u32" },
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
  buffers: { weight: "read", tokens: "read", lse: "read", logits: "read_write" },
  params: { rows: "u32", cols: "u32", temperature: "f32" },
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
}

/** Numbers per token in `terms`, and in the summary. */
export const SURROGATE_TERMS = 6;
export const SUMMARY_LENGTH = 8;

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
}

/** Adds the tokens of one micro-batch to result (8); micro-batches can follow one another. */
export function surrogateSummary(
  pass: Pass,
  io: { terms: Tensor; weight: Tensor; result: Tensor },
  tokens: number,
): void {
  pass.run(surrogateSummaryKernel, io, { tokens });
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
  };
}

/** logits (rows, V) become the gradient weight · (onehot(tokens) − softmax(logits / temperature)) / temperature. */
export function logitsBackward(
  pass: Pass,
  io: { weight: Tensor; tokens: Tensor; lse: Tensor; logits: Tensor },
  size: { rows: number; cols: number; temperature: number },
): void {
  pass.run(logitsBackwardKernel, io, size);
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
