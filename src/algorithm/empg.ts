/**
 * Entropy-modulated policy gradients (arXiv 2509.09265), stages 1 to 3. For step t of trajectory i:
 *
 *   1  H = mean over the step's tokens of −Σ_v p_v ln p_v
 *   2  h = (H − min H) / (max H − min H + eps)
 *   3  A′ = A·g(h) + ζ·f(h of step t + 1)     g = e^(−k·h) / (mean e^(−k·h) + eps)     f = e^(−k′·h)
 *      A_final = A′ − mean A′
 *
 * Stage 4 is the base method's surrogate with A_final in place of A, shared by every token of the step.
 *
 * The paper leaves open, and here it is an option or decided so:
 *  1. every mean, minimum and maximum has one vote per non-empty step; an empty step gets g = 1 and no bonus
 *  2. `normalization`: min-max, z-score or robust
 *  3. scope, by `scopeOffsets`: the batch, or each task's group
 *  4. `center`: all, bonus, trajectory or none
 *  5. `stepEntropy`: mean, max or first
 *  6. a step has the bonus when it and its direct successor have tokens
 *  7. A may differ between the steps of a trajectory, as it does for methods with step-level credit; where it differs
 *     between the tokens of a step too (GAE over tokens), A(step) is their mean, all of the above runs on steps, and
 *     A_final(token) = A_final(step) + (A(token) − A(step))·g(step): `modulateTokens`
 */

import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Pass } from "../gpu/pass.ts";
import type { Tensor } from "../gpu/tensor.ts";
import {
  clarity,
  gate,
  MODULATION_SUMMARY_LENGTH,
  modulate,
  modulationSummary,
} from "../ops/advantage-modulation.ts";
import { type StepEntropyMode, stepEntropy } from "../ops/entropy.ts";
import {
  type CenterMode,
  center,
  type NormalizationMode,
  normalize,
} from "../ops/normalization.ts";
import type { StepLayout } from "./step-layout.ts";

export interface EmpgOptions {
  readonly k: number;
  readonly kPrime: number;
  readonly zeta: number;
  readonly eps: number;
  readonly stepEntropy: StepEntropyMode;
  readonly normalization: NormalizationMode;
  readonly center: CenterMode;
}

/** All of one batch that lives on the device: what `writeSteps` fills, then what `empg` does. */
export interface EmpgScratch {
  /** (tokens) nats, as stored when the tokens were sampled. */
  readonly tokenEntropy: Tensor;
  /** (steps) A of the base method. */
  readonly advantage: Tensor;
  readonly stepOffsets: Tensor;
  readonly trajectoryOffsets: Tensor;
  readonly scopeOffsets: Tensor;
  /** (steps) H in nats; −1 for an empty step. */
  readonly entropy: Tensor;
  /** (steps) h; 0 for an empty step. */
  readonly normalized: Tensor;
  /** (steps) g. */
  readonly scale: Tensor;
  /** (steps) f of the next step; −1 without one. */
  readonly clarity: Tensor;
  readonly share: Tensor;
  /** (steps) A_final. */
  readonly modulated: Tensor;
  /** (8) for `readModulationSummary`. */
  readonly summary: Tensor;
}

/** Room for batches of up to `tokens` generated tokens in `steps` steps. */
export function empgScratch(scope: Scope, size: { tokens: number; steps: number }): EmpgScratch {
  const tokens = Math.max(size.tokens, 1);
  const steps = Math.max(size.steps, 1);
  const perStep = (label: string) => scope.f32(label, [steps]);
  const offsets = (label: string) => scope.u32(label, [steps + 1]);
  return {
    tokenEntropy: scope.f32("token entropy", [tokens]),
    advantage: perStep("advantage"),
    stepOffsets: offsets("step offsets"),
    trajectoryOffsets: offsets("trajectory offsets"),
    scopeOffsets: offsets("scope offsets"),
    entropy: perStep("step entropy"),
    normalized: perStep("normalized entropy"),
    scale: perStep("scale"),
    clarity: perStep("clarity"),
    share: perStep("share"),
    modulated: perStep("modulated advantage"),
    summary: scope.f32("modulation summary", [MODULATION_SUMMARY_LENGTH]),
  };
}

/** A batch, its tokens step after step and its steps trajectory after trajectory. */
export interface StepBatch {
  readonly layout: StepLayout;
  /** (tokens) nats. */
  readonly tokenEntropy: Float32Array;
  /** (steps) A of the base method. */
  readonly advantage: Float32Array;
}

/** Uploads a batch. */
export function writeSteps(gpu: Gpu, scratch: EmpgScratch, batch: StepBatch): void {
  gpu.write(scratch.tokenEntropy, batch.tokenEntropy);
  gpu.write(scratch.advantage, batch.advantage);
  gpu.write(scratch.stepOffsets, batch.layout.stepOffsets);
  gpu.write(scratch.trajectoryOffsets, batch.layout.trajectoryOffsets);
  gpu.write(scratch.scopeOffsets, batch.layout.scopeOffsets);
}

/** Fills what `scratch` holds after its inputs, once per iteration; all of it is constant for the gradient. */
export function empg(
  pass: Pass,
  scratch: EmpgScratch,
  layout: StepLayout,
  { k, kPrime, zeta, eps, ...modes }: EmpgOptions,
): void {
  const steps = layout.stepOffsets.length - 1;
  const trajectories = layout.trajectoryOffsets.length - 1;
  const scopes = layout.scopeOffsets.length - 1;
  const { tokenEntropy, stepOffsets, entropy: H, modulated: A } = scratch;

  const tokens = { entropy: tokenEntropy, offsets: stepOffsets, out: H };
  stepEntropy(pass, tokens, { steps, mode: modes.stepEntropy }); //               1  H per step
  normalize(pass, scratch, { scopes, mode: modes.normalization, eps }); //        2  h over the scope
  gate(pass, scratch, { scopes, k, eps }); //                                     3  g
  clarity(pass, scratch, { trajectories, kPrime }); //                               f of the next step
  modulate(pass, scratch, { trajectories, zeta }); //                                A·g + ζ·f′
  center(pass, { ...scratch, advantage: A }, { scopes, mode: modes.center, zeta }); // − mean
  modulationSummary(pass, { ...scratch, advantage: A }, { steps });
}
