/** Small decoders with numbers that show mistakes, and packed batches to feed them. */

import { randomFrom, seedFor } from "../../src/core/random.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import type { Scope } from "../../src/gpu/memory.ts";
import type { ModelConfig } from "../../src/model/config.ts";
import { createModel, type Model } from "../../src/model/model.ts";
import { type Packed, packGroups, type SequenceGroup } from "../../src/model/packing.ts";
import { type HostTensors, hostSource } from "../../src/model/tensor-source.ts";
import type { Targets } from "../../src/model/trainer.ts";
import { initialWeights } from "../../src/model/weights.ts";

/** Longest sequence that tests feed. */
export const POSITIONS = 128;

export function decoderConfig(change: Partial<ModelConfig> = {}): ModelConfig {
  return {
    ...{ vocabulary: 61, width: 40, innerWidth: 52, layers: 2, heads: 4, keyHeads: 2, headDim: 8 },
    ...{ maxPositions: POSITIONS, epsilon: 1e-6, ropeBase: 10_000, tied: true },
    ...change,
  };
}

/**
 * Weights far from their initial state: attention that chooses, biases that are not 0, norms that are not 1.
 * They have places in half precision, so that a device that keeps them so is held to the same tolerances.
 */
export function decoderWeights(config: ModelConfig, seed = 1): HostTensors {
  const tensors = initialWeights(config, seed);
  for (const [name, part] of tensors) {
    const random = randomFrom(seedFor(seed, "decoder-weights", name));
    const centred = () => 2 * random.uniform() - 1;
    for (let i = 0; i < part.length; i++) {
      if (name.endsWith("norm.weight")) part[i] = 1 + 0.3 * centred();
      else if (name.endsWith("bias")) part[i] = 0.4 * centred();
      else part[i]! *= 5;
    }
    part.set(new Float16Array(part));
  }
  return tensors;
}

/** A decoder of these weights on the device. */
export function decoderModel(gpu: Gpu, scope: Scope, config: ModelConfig): Promise<Model> {
  return createModel(gpu, scope, config, hostSource(decoderWeights(config)), POSITIONS);
}

/** The tensors as f64 references take them. */
export function doubles(tensors: HostTensors): Map<string, Float64Array> {
  return new Map([...tensors].map(([name, values]) => [name, Float64Array.from(values)]));
}

/** `length` tokens below `vocabulary`, different for every seed. */
export function someTokens(length: number, seed: number, vocabulary = 61): number[] {
  const random = randomFrom(seedFor(seed, "tokens"));
  return Array.from({ length }, () => random.integer(vocabulary));
}

/** Shared prefixes, a lone sequence, members of one token, lengths beside multiples of every tile. */
export const GROUPS: readonly SequenceGroup[] = [
  { prefix: someTokens(9, 1), members: [someTokens(7, 2), someTokens(12, 3), someTokens(1, 4)] },
  { prefix: [], members: [someTokens(21, 5)] },
  { prefix: someTokens(3, 6), members: [someTokens(5, 7), someTokens(6, 8)] },
];

/** A packed batch whose targets are all tokens of the members but their first. */
export interface Batch {
  readonly packed: Packed;
  readonly targets: Targets;
  /** For each target, the whole sequence it ends (prefix included), up to and with the target. */
  readonly contexts: readonly (readonly number[])[];
}

export function batchOf(groups: readonly SequenceGroup[], temperature = 1): Batch {
  const packed = packGroups(groups);
  const rows: number[] = [];
  const tokens: number[] = [];
  const contexts: number[][] = [];
  groups.forEach(({ prefix, members }, g) => {
    members.forEach((member, m) => {
      for (let j = 1; j < member.length; j++) {
        rows.push(packed.starts[g]![m]! + j - 1);
        tokens.push(member[j]!);
        contexts.push([...prefix, ...member.slice(0, j + 1)]);
      }
    });
  });
  const targets = { rows: Uint32Array.from(rows), tokens: Uint32Array.from(tokens), temperature };
  return { packed, targets, contexts };
}

/** Each group's members written out in full: the same sequences with nothing shared. */
export function writtenOut(groups: readonly SequenceGroup[]): SequenceGroup[] {
  return groups.flatMap(({ prefix, members }) =>
    members.map((member) => ({ prefix: [], members: [[...prefix, ...member]] })),
  );
}
