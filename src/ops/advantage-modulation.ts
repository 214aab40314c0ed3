import claritySource from "../../shaders/advantage-modulation/clarity.wgsl" with { type: "text" };
import gateSource from "../../shaders/advantage-modulation/gate.wgsl" with { type: "text" };
import modulateSource from "../../shaders/advantage-modulation/modulate.wgsl" with { type: "text" };
import summarySource from "../../shaders/advantage-modulation/modulation-summary.wgsl" with {
  type: "text",
};
import tokenSource from "../../shaders/advantage-modulation/token-advantage.wgsl" with {
  type: "text",
};
import { defineKernel } from "../gpu/kernel.ts";
import type { Pass } from "../gpu/pass.ts";
import { elementForm, rowForms } from "../gpu/row-kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";

export const gateKernel = defineKernel({
  name: "gate",
  buffers: { entropy: "read", normalized: "read", scope_offsets: "read", scale: "write" },
  params: { scopes: "u32", k: "f32", eps: "f32" },
  ...rowForms(gateSource, "scopes"),
});

export const clarityKernel = defineKernel({
  name: "clarity",
  buffers: { entropy: "read", normalized: "read", trajectory_offsets: "read", clarity: "write" },
  params: { trajectories: "u32", k_prime: "f32" },
  ...rowForms(claritySource, "trajectories"),
});

export const modulateKernel = defineKernel({
  name: "modulate",
  buffers: {
    entropy: "read",
    advantage: "read",
    scale: "read",
    clarity: "read",
    trajectory_offsets: "read",
    modulated: "write",
    share: "write",
  },
  params: { trajectories: "u32", zeta: "f32" },
  ...rowForms(modulateSource, "trajectories"),
});

export const tokenAdvantageKernel = defineKernel({
  name: "token-advantage",
  buffers: {
    step_of: "read",
    token_advantage: "read",
    advantage: "read",
    scale: "read",
    modulated: "read",
    token_modulated: "write",
  },
  params: { tokens: "u32" },
  gpu: elementForm(tokenSource, ["tokens"]),
});

export const modulationSummaryKernel = defineKernel({
  name: "modulation-summary",
  buffers: {
    entropy: "read",
    scale: "read",
    clarity: "read",
    advantage: "read",
    summary: "write",
  },
  params: { steps: "u32" },
  ...rowForms(summarySource, 1),
});

/** scale (S) = g, the gate: mean 1 over the non-empty steps of a scope; 1 on an empty step (entropy < 0). */
export function gate(
  pass: Pass,
  io: { entropy: Tensor; normalized: Tensor; scopeOffsets: Tensor; scale: Tensor },
  size: { scopes: number; k: number; eps: number },
): void {
  const { entropy, normalized, scopeOffsets, scale } = io;
  pass.run(gateKernel, { entropy, normalized, scope_offsets: scopeOffsets, scale }, size);
}

/** clarity (S) = f of the next step of the same trajectory, in (0, 1] under min-max; −1 where there is no bonus. */
export function clarity(
  pass: Pass,
  io: { entropy: Tensor; normalized: Tensor; trajectoryOffsets: Tensor; clarity: Tensor },
  { trajectories, kPrime }: { trajectories: number; kPrime: number },
): void {
  const { entropy, normalized, trajectoryOffsets } = io;
  const buffers = { entropy, normalized, trajectory_offsets: trajectoryOffsets };
  pass.run(clarityKernel, { ...buffers, clarity: io.clarity }, { trajectories, k_prime: kPrime });
}

/**
 * modulated (S) = A·g + ζ·f′ of advantage (S), scale (S) and clarity (S). share (S) is what `center` needs for
 * one vote per trajectory: 1 / non-empty steps of the step's trajectory, 0 on an empty step.
 */
export function modulate(
  pass: Pass,
  io: {
    entropy: Tensor;
    advantage: Tensor;
    scale: Tensor;
    clarity: Tensor;
    trajectoryOffsets: Tensor;
    modulated: Tensor;
    share: Tensor;
  },
  size: { trajectories: number; zeta: number },
): void {
  const { trajectoryOffsets, ...buffers } = io;
  pass.run(modulateKernel, { ...buffers, trajectory_offsets: trajectoryOffsets }, size);
}

/** What is logged of a modulation, over its non-empty steps; all 0 without any. */
export interface ModulationSummary {
  readonly steps: number;
  readonly entropyMean: number;
  readonly entropyMin: number;
  readonly entropyMax: number;
  readonly scaleMin: number;
  readonly scaleMax: number;
  /** Over the steps that have a bonus. */
  readonly clarityMean: number;
  readonly advantageAbsMean: number;
}

/** Numbers in a modulation summary. */
export const MODULATION_SUMMARY_LENGTH = 8;

/** summary (8) of entropy, scale, clarity and final advantage (S each). */
export function modulationSummary(
  pass: Pass,
  io: { entropy: Tensor; scale: Tensor; clarity: Tensor; advantage: Tensor; summary: Tensor },
  size: { steps: number },
): void {
  pass.run(modulationSummaryKernel, io, size);
}

/** Names the numbers of a summary that was read back. */
export function readModulationSummary(summary: ArrayLike<number>): ModulationSummary {
  const at = (i: number) => summary[i] ?? Number.NaN;
  return {
    steps: at(0),
    entropyMean: at(1),
    entropyMin: at(2),
    entropyMax: at(3),
    scaleMin: at(4),
    scaleMax: at(5),
    clarityMean: at(6),
    advantageAbsMean: at(7),
  };
}

/** tokenModulated (T) = modulated(step) + (tokenAdvantage − advantage(step))·scale(step), the steps' numbers (S). */
export function tokenAdvantage(
  pass: Pass,
  io: {
    stepOf: Tensor;
    tokenAdvantage: Tensor;
    advantage: Tensor;
    scale: Tensor;
    modulated: Tensor;
    tokenModulated: Tensor;
  },
  tokens: number,
): void {
  const { advantage, scale, modulated } = io;
  const buffers = { step_of: io.stepOf, token_advantage: io.tokenAdvantage };
  const out = { token_modulated: io.tokenModulated };
  pass.run(tokenAdvantageKernel, { ...buffers, advantage, scale, modulated, ...out }, { tokens });
}
