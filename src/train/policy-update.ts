import { invariant } from "../core/errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { chunkOf } from "../model/head.ts";
import type { Model } from "../model/model.ts";
import { packGroups } from "../model/packing.ts";
import type { Loss, Targets, Trainer } from "../model/trainer.ts";
import type { AdamwOptions } from "../ops/optimizer/adamw.ts";
import {
  clippedSurrogate,
  readSummary,
  SUMMARY_LENGTH,
  SURROGATE_TERMS,
  type SurrogateOptions,
  type SurrogateSummary,
  surrogateSummary,
  valueLoss,
} from "../ops/policy-gradients.ts";
import { columnSum } from "../ops/transformer/rows.ts";
import type { RolloutBatch } from "../rollout/batch.ts";
import { idsOf, microBatches, type TrainingGroup } from "../rollout/sequences.ts";

/** Per-token arrays of one micro-batch, and the sums that are logged. */
export interface UpdateScratch {
  readonly old: Tensor;
  readonly reference: Tensor;
  readonly stepOf: Tensor;
  readonly weight: Tensor;
  readonly terms: Tensor;
  readonly summary: Tensor;
  /** The same for a critic's loss. */
  readonly critic: CriticScratch | undefined;
}

interface CriticScratch {
  readonly old: Tensor;
  readonly target: Tensor;
  readonly weight: Tensor;
  readonly terms: Tensor;
  /** (1) */
  readonly loss: Tensor;
}

/** @param critic with room for a critic's loss */
export function allocateUpdate(scope: Scope, capacity: number, critic = false): UpdateScratch {
  return {
    old: scope.f32("old log-probabilities", [capacity]),
    reference: scope.f32("reference log-probabilities", [capacity]),
    stepOf: scope.u32("step of token", [capacity]),
    weight: scope.f32("token weights", [capacity]),
    terms: scope.f32("surrogate terms", [capacity, SURROGATE_TERMS]),
    summary: scope.f32("surrogate summary", [SUMMARY_LENGTH]),
    critic: critic ? allocateCritic(scope, capacity) : undefined,
  };
}

function allocateCritic(scope: Scope, capacity: number): CriticScratch {
  return {
    old: scope.f32("old values", [capacity]),
    target: scope.f32("returns", [capacity]),
    weight: scope.f32("value weights", [capacity]),
    terms: scope.f32("value terms", [capacity]),
    loss: scope.f32("value loss", [1]),
  };
}

export interface UpdateOptions {
  readonly surrogate: SurrogateOptions;
  readonly temperature: number;
  readonly maxGradNorm: number;
  readonly adamw: AdamwOptions;
  /** The critic's loss and rate; absent where there is none. */
  readonly value?: ValueOptions | undefined;
}

export interface ValueOptions {
  readonly clip: number;
  readonly coefficient: number;
  readonly learningRate: number;
}

/** What one update reports. */
export interface UpdateReport extends SurrogateSummary {
  readonly gradNorm: number;
  /** Of the critic, without its coefficient; 0 where there is none. */
  readonly valueLoss: number;
  /** Loss and gradient were numbers, so the weights moved. */
  readonly applied: boolean;
}

/** What updates share: the model, its trainer, room for the tokens, and the policy that KL is measured from. */
export interface Updater {
  readonly gpu: Gpu;
  readonly trainer: Trainer;
  readonly scratch: UpdateScratch;
  /** Absent when the KL coefficient is 0. */
  readonly reference: Model | undefined;
}

/** What the tokens of a batch are worth to one update. */
export interface TokenCredit {
  /** On the device: (steps of the batch), or (tokens) where each token has its own. */
  readonly advantage: Tensor;
  /** (tokens) where in `advantage` each one's stands; absent: at its step. */
  readonly placeOf?: Uint32Array;
  /** (tokens) what each weighs in this update's loss. */
  readonly weights: Float32Array;
  /** (tokens) the critic's old values, its targets, and what each weighs. */
  readonly critic?: Readonly<Record<"old" | "target" | "weights", Float32Array>> | undefined;
}

/** One update on part of an iteration's sequences. */
export async function policyUpdate(
  updater: Updater,
  batch: RolloutBatch,
  groups: readonly TrainingGroup[],
  { advantage, placeOf = batch.stepOf, weights, critic }: TokenCredit,
  options: UpdateOptions,
): Promise<UpdateReport> {
  const { gpu, trainer, scratch, reference } = updater;
  const sums = [scratch.summary, ...(scratch.critic ? [scratch.critic.loss] : [])];
  gpu.submit((pass) => {
    for (const sum of sums) pass.zero(sum);
  });
  for (const part of microBatches(groups, trainer.capacity)) {
    const packed = packGroups(idsOf(part));
    invariant(packed.tokens.length <= trainer.capacity, "a sequence is longer than a micro-batch");
    const { targets, tokens } = sampledTargets(part, packed.starts, batch, options.temperature);
    const count = tokens.length;
    if (count === 0) continue;
    const pick = (values: Float32Array) => Float32Array.from(tokens, (token) => values[token]!);
    gpu.write(scratch.old, pick(batch.logProbs));
    gpu.write(
      scratch.stepOf,
      Uint32Array.from(tokens, (token) => placeOf[token]!),
    );
    gpu.write(scratch.weight, pick(weights));
    if (critic && scratch.critic) {
      gpu.write(scratch.critic.old, pick(critic.old));
      gpu.write(scratch.critic.target, pick(critic.target));
      gpu.write(scratch.critic.weight, pick(critic.weights));
    }
    if (reference) {
      trainer.score(packed, targets, reference);
      gpu.submit((pass) => pass.copy(trainer.head.logProb, scratch.reference, { length: count }));
    }
    const bonus = { weight: scratch.weight, coefficient: options.surrogate.entropyCoefficient };
    const loss = surrogateLoss(updater, advantage, options.surrogate);
    trainer.accumulate(packed, targets, loss, bonus, criticLoss(updater, options.value));
  }
  const [summary, [value = 0] = []] = await gpu.readAll(sums);
  const report = { ...readSummary(summary!), valueLoss: value };
  if (report.broken > 0 || !Number.isFinite(value)) {
    // Some drivers make finite numbers of e^NaN, so a bad loss need not show in the gradient's norm.
    trainer.discard();
    return { ...report, gradNorm: 0, applied: false };
  }
  trainer.step(options.maxGradNorm, options.adamw, options.value?.learningRate);
  const [gradNorm = Number.NaN, factor = 0] = await gpu.read(trainer.norm);
  return { ...report, gradNorm, applied: factor > 0 };
}

/** Compiles what updates need, so that the first one need not wait for it. */
export async function warmUpdate(updater: Updater, options: UpdateOptions): Promise<void> {
  const advantage = updater.scratch.weight;
  const loss = surrogateLoss(updater, advantage, options.surrogate);
  await updater.trainer.warm(loss, options.adamw, criticLoss(updater, options.value));
}

/** The clipped surrogate of a chunk, and its terms added to the summary. */
function surrogateLoss(
  { trainer: { head }, scratch, reference }: Updater,
  advantage: Tensor,
  options: SurrogateOptions,
): Loss {
  return (pass, chunk) => {
    const window = (tensor: Tensor) => chunkOf(tensor, chunk);
    const io = {
      logProb: window(head.logProb),
      old: window(scratch.old),
      // Without a reference the policy is its own, and the KL is zero.
      reference: window(reference ? scratch.reference : head.logProb),
      stepOf: window(scratch.stepOf),
      advantage,
      weight: window(scratch.weight),
      gradient: window(head.weight),
      terms: window(scratch.terms),
    };
    clippedSurrogate(pass, io, chunk.count, options);
    const { terms, weight } = io;
    const summed = { terms, weight, entropy: window(head.entropy), result: scratch.summary };
    surrogateSummary(pass, summed, chunk.count, options.entropyCoefficient);
  };
}

/** The clipped value loss of a chunk, added to its sum; undefined without a critic. */
function criticLoss(
  { trainer: { valueHead }, scratch: { critic } }: Updater,
  options: ValueOptions | undefined,
): Loss | undefined {
  if (!valueHead || !critic || !options) return undefined;
  const { clip, coefficient } = options;
  return (pass, chunk) => {
    const window = (tensor: Tensor) => chunkOf(tensor, chunk);
    const io = {
      value: window(valueHead.value),
      old: window(critic.old),
      target: window(critic.target),
      weight: window(critic.weight),
      gradient: window(valueHead.valueGrad),
      terms: window(critic.terms),
    };
    valueLoss(pass, io, chunk.count, { clip, coefficient });
    columnSum(pass, { x: io.terms, out: critic.loss }, { rows: chunk.count, cols: 1 });
  };
}

/** The rows that predict sampled tokens, and each one's place among all sampled tokens of the batch. */
export function sampledTargets(
  groups: readonly TrainingGroup[],
  starts: readonly (readonly number[])[],
  { layout: { stepOffsets, trajectoryOffsets } }: RolloutBatch,
  temperature: number,
): { targets: Targets; tokens: number[] } {
  const rows: number[] = [];
  const ids: number[] = [];
  const tokens: number[] = [];
  groups.forEach(({ members }, g) => {
    members.forEach((member, m) => {
      const firstRow = starts[g]![m]!;
      let step = -1;
      let within = 0;
      member.ids.forEach((id, i) => {
        const own = member.steps[i]!;
        if (own < 0) return;
        within = own === step ? within + 1 : 0;
        step = own;
        rows.push(firstRow + i - 1);
        ids.push(id);
        tokens.push(stepOffsets[trajectoryOffsets[member.trajectory]! + own]! + within);
      });
    });
  });
  const targets = { rows: Uint32Array.from(rows), tokens: Uint32Array.from(ids), temperature };
  return { targets, tokens };
}
