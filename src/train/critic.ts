/** What a critic says of an iteration's tokens before its first update, and what it should have said. */

import type { Advantages } from "../algorithm/episode-outcome.ts";
import { BrokenPolicyError } from "../model/broken-policy.ts";
import { packGroups } from "../model/packing.ts";
import type { RolloutBatch } from "../rollout/batch.ts";
import { idsOf, microBatches, type TrainingGroup } from "../rollout/sequences.ts";
import { sampledTargets, type Updater } from "./policy-update.ts";

/** Per sampled token of a batch. */
export interface CriticTargets {
  /** V before the first update. */
  readonly old: Float32Array;
  /** The return that V is compared with. */
  readonly target: Float32Array;
  /** 1 where V is compared with anything: every token, or each turn's first. */
  readonly asked: Uint8Array;
}

/**
 * (tokens of the batch) V before each sampled token: one more forward over everything.
 * @throws BrokenPolicyError when one is not finite: no advantage could be estimated from it
 */
export async function sampledValues(
  { gpu, trainer }: Updater,
  batch: RolloutBatch,
  groups: readonly TrainingGroup[],
  temperature: number,
): Promise<Float32Array> {
  const values = new Float32Array(batch.stepOf.length);
  for (const part of microBatches(groups, trainer.capacity)) {
    const packed = packGroups(idsOf(part));
    const { targets, tokens } = sampledTargets(part, packed.starts, batch, temperature);
    if (tokens.length === 0) continue;
    trainer.score(packed, targets);
    const found = await gpu.readRange(trainer.valueHead!.value, 0, tokens.length);
    tokens.forEach((token, i) => {
      if (!Number.isFinite(found[i])) {
        throw new BrokenPolicyError(`the critic says ${found[i]}: the value head has diverged`);
      }
      values[token] = found[i]!;
    });
  }
  return values;
}

/** (tokens) → those of each step of each trajectory. */
export function valuesOfSteps(values: Float32Array, { layout }: RolloutBatch): number[][][] {
  const { stepOffsets, trajectoryOffsets } = layout;
  return Array.from({ length: trajectoryOffsets.length - 1 }, (_, i) =>
    Array.from({ length: trajectoryOffsets[i + 1]! - trajectoryOffsets[i]! }, (_, t) => {
      const s = trajectoryOffsets[i]! + t;
      return [...values.subarray(stepOffsets[s]!, stepOffsets[s + 1]!)];
    }),
  );
}

/** @param returns of each step: one for each of its tokens, or one for its first */
export function criticTargets(
  old: Float32Array,
  returns: NonNullable<Advantages["returns"]>,
  { layout: { stepOffsets } }: RolloutBatch,
): CriticTargets {
  const target = new Float32Array(old.length);
  const asked = new Uint8Array(old.length);
  returns.flat().forEach((own, s) => {
    target.set(own, stepOffsets[s]!);
    asked.fill(1, stepOffsets[s]!, stepOffsets[s]! + own.length);
  });
  return { old, target, asked };
}

/** What is logged of a critic, of its values before the first update. */
export interface CriticSummary {
  readonly valuesMean: number;
  /** 1 − Var(return − V) / Var(return): 1 is a perfect critic, 0 one that says nothing; 0 where all returns are equal. */
  readonly explainedVariance: number;
}

export function criticSummary({ old, target, asked }: CriticTargets): CriticSummary {
  const places = [...asked.keys()].filter((token) => asked[token] === 1);
  const returns = variance(places.map((token) => target[token]!));
  const errors = variance(places.map((token) => target[token]! - old[token]!));
  return {
    valuesMean: mean(places.map((token) => old[token]!)),
    explainedVariance: returns === 0 ? 0 : 1 - errors / returns,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
}
