import stepSource from "../../shaders/entropy/step-entropy.wgsl" with { type: "text" };
import tokenSource from "../../shaders/entropy/token-entropy.wgsl" with { type: "text" };
import { defineKernel } from "../gpu/kernel.ts";
import type { Pass } from "../gpu/pass.ts";
import { rowForms } from "../gpu/row-kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";

export const tokenEntropyKernel = defineKernel({
  name: "token-entropy",
  buffers: { logits: "read", tokens: "read", log_prob: "write", entropy: "write", lse: "write" },
  params: { rows: "u32", cols: "u32", temperature: "f32" },
  ...rowForms(tokenSource, "rows"),
});

export const stepEntropyKernel = defineKernel({
  name: "step-entropy",
  buffers: { entropy: "read", offsets: "read", out: "write" },
  params: { steps: "u32", mode: "u32" },
  ...rowForms(stepSource, "steps"),
});

/** How the entropies of a step's tokens become one number. */
export const STEP_ENTROPY_MODES = ["mean", "max", "first"] as const;
export type StepEntropyMode = (typeof STEP_ENTROPY_MODES)[number];

/**
 * Log-probability (rows, ≤ 0) of tokens (rows) and entropy (rows, nats, 0 … ln V) of
 * softmax(logits / temperature), logits (rows, V). `lse` (rows) is kept for the backward pass.
 */
export function tokenEntropy(
  pass: Pass,
  io: { logits: Tensor; tokens: Tensor; logProb: Tensor; entropy: Tensor; lse: Tensor },
  size: { rows: number; cols: number; temperature: number },
): void {
  const { logits, tokens, logProb, entropy, lse } = io;
  pass.run(tokenEntropyKernel, { logits, tokens, log_prob: logProb, entropy, lse }, size);
}

/**
 * out (steps) = mean, max or first of each step's token entropies (nats). Step s owns the numbers
 * offsets[s] … offsets[s + 1] of `entropy`; a step without tokens gets −1, which later stages leave out.
 */
export function stepEntropy(
  pass: Pass,
  io: { entropy: Tensor; offsets: Tensor; out: Tensor },
  { steps, mode }: { steps: number; mode: StepEntropyMode },
): void {
  pass.run(stepEntropyKernel, io, { steps, mode: STEP_ENTROPY_MODES.indexOf(mode) });
}
