import type { Gpu } from "../gpu/device.ts";
import { chunkOf } from "../model/head.ts";
import { type Packed, packGroups } from "../model/packing.ts";
import type { Trainer } from "../model/trainer.ts";
import { idsOf, microBatches, type TrainingGroup } from "../rollout/sequences.ts";

/** How supervised steps are made. */
export interface SftOptions {
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly weightDecay: number;
  readonly maxGradNorm: number;
  /** Weight of prompt and observation tokens in the loss, beside 1 for the agent's own. */
  readonly promptWeight: number;
}

/** What one supervised step did. */
export interface SftStep {
  readonly step: number;
  readonly tokens: number;
  readonly gradNorm: number;
  /** Mean −ln p of the agent's tokens, nats. */
  readonly agentLoss: number;
}

/** Positions whose next token counts: rows, those tokens, and how much each counts. */
function weightedTargets(groups: readonly TrainingGroup[], packed: Packed, promptWeight: number) {
  const rows: number[] = [];
  const tokens: number[] = [];
  const weights: number[] = [];
  const add = (row: number, token: number, weight: number) => {
    if (weight === 0) return;
    rows.push(row);
    tokens.push(token);
    weights.push(weight);
  };
  groups.forEach(({ prefix, members }, g) => {
    const starts = packed.starts[g]!;
    const prefixStart = starts[0]! - prefix.length;
    for (let i = 1; i < prefix.length; i++) add(prefixStart + i - 1, prefix[i]!, promptWeight);
    members.forEach(({ ids, steps }, m) => {
      for (let i = 1; i < ids.length; i++) {
        add(starts[m]! + i - 1, ids[i]!, steps[i]! < 0 ? promptWeight : 1);
      }
    });
  });
  return { rows, tokens, weights };
}

/** Linear warm-up, then a linear fall to 3 %. */
function rateAt(step: number, { learningRate, warmupSteps, totalSteps }: SftOptions): number {
  const warm = Math.min(1, step / Math.max(warmupSteps, 1));
  const left = Math.max(0, 1 - step / totalSteps);
  return learningRate * warm * (0.03 + 0.97 * left);
}

/** One optimizer step on a batch of demonstrations: cross-entropy, averaged over token weights. */
export async function sftStep(
  gpu: Gpu,
  trainer: Trainer,
  batch: readonly TrainingGroup[],
  step: number,
  options: SftOptions,
): Promise<SftStep> {
  const parts = microBatches(batch, trainer.capacity).map((groups) => {
    const packed = packGroups(idsOf(groups));
    return { packed, ...weightedTargets(groups, packed, options.promptWeight) };
  });
  const total = parts.reduce((sum, part) => sum + part.weights.reduce((a, b) => a + b, 0), 0);
  let agentSum = 0;
  let agentCount = 0;
  for (const { packed, rows, tokens, weights } of parts) {
    gpu.write(
      trainer.head.weight,
      Float32Array.from(weights, (weight) => -weight / total),
    );
    const targets = {
      rows: Uint32Array.from(rows),
      tokens: Uint32Array.from(tokens),
      temperature: 1,
    };
    // The weights of the loss are known beforehand, so nothing is left to do between the passes.
    trainer.accumulate(packed, targets, () => {});
    const count = { start: 0, count: rows.length };
    const logProb = await gpu.read(chunkOf(trainer.head.logProb, count));
    weights.forEach((weight, i) => {
      if (weight !== 1) return;
      agentSum -= logProb[i]!;
      agentCount++;
    });
  }
  trainer.step(options.maxGradNorm, {
    learningRate: rateAt(step, options),
    beta1: options.beta1,
    beta2: options.beta2,
    epsilon: 1e-8,
    weightDecay: options.weightDecay,
    step,
  });
  const norm = await gpu.read(trainer.norm);
  return {
    step,
    tokens: parts.reduce((sum, { packed }) => sum + packed.tokens.length, 0),
    gradNorm: norm[0]!,
    agentLoss: agentSum / Math.max(agentCount, 1),
  };
}
