import { beforeAll, describe, expect, test } from "bun:test";
import type { Gpu } from "../../src/gpu/device.ts";
import { readTensors } from "../../src/model/arena.ts";
import type { ModelConfig } from "../../src/model/config.ts";
import type { SequenceGroup } from "../../src/model/packing.ts";
import type { HostTensors } from "../../src/model/tensor-source.ts";
import { Trainer } from "../../src/model/trainer.ts";
import { tokenLogProb } from "../reference/entropy.ts";
import { numericalGradient } from "../reference/numerical-gradient.ts";
import { type Parameters, qwen2Logits } from "../reference/qwen2.ts";
import {
  batchOf,
  decoderConfig,
  decoderModel,
  decoderWeights,
  doubles,
  someTokens,
  writtenOut,
} from "../support/decoder.ts";
import { testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await testGpu();
});

const SMALL = { vocabulary: 19, width: 20, innerWidth: 12 };
const GROUPS: readonly SequenceGroup[] = [
  { prefix: someTokens(5, 1, 19), members: [someTokens(4, 2, 19), someTokens(7, 3, 19)] },
  { prefix: [], members: [someTokens(6, 4, 19)] },
];
/** dLoss / dlogProb of the i-th target: both signs, no two alike. */
const weightOf = (i: number) => Math.fround(((i % 5) - 2.5) / 7 - i / 50);

interface Micro {
  readonly groups: readonly SequenceGroup[];
  readonly weights: readonly number[];
}

/** The gradients of Σ weight · logProb, after these micro-batches, by name. */
async function tensors(config: ModelConfig, micros: readonly Micro[], temperature = 1) {
  using scope = gpu.scope();
  const model = await decoderModel(gpu, scope, config);
  const trainer = new Trainer(gpu, scope, model, 64);
  for (const { groups, weights } of micros) {
    const { packed, targets } = batchOf(groups, temperature);
    gpu.write(trainer.head.weight, Float32Array.from(weights));
    trainer.accumulate(packed, targets, () => {});
  }
  return await readTensors(gpu, trainer.trainable.grads);
}

/** The same in one row. */
async function gradients(
  config: ModelConfig,
  micros: readonly Micro[],
  temperature = 1,
): Promise<number[]> {
  return [...(await tensors(config, micros, temperature)).values()].flatMap((values) => [
    ...values,
  ]);
}

const weightsFor = (groups: readonly SequenceGroup[]) =>
  batchOf(groups).contexts.map((_, i) => weightOf(i));

/** Σ weight · logProb by the reference. */
function loss(config: ModelConfig, parameters: Parameters, temperature: number): number {
  let sum = 0;
  let next = 0;
  const prefixes = GROUPS.flatMap(({ prefix, members }) => members.map(() => prefix.length));
  writtenOut(GROUPS).forEach(({ members: [ids = []] }, s) => {
    const logits = qwen2Logits(config, parameters, ids);
    for (let t = prefixes[s]!; t < ids.length - 1; t++) {
      sum += weightOf(next++) * tokenLogProb(logits[t]!, ids[t + 1]!, temperature);
    }
  });
  return sum;
}

/** A few elements of a gradient: the largest, and some spread over it. */
function sample(gradient: ArrayLike<number>): number[] {
  const sizes = Array.from(gradient, Math.abs);
  const largest = sizes.indexOf(Math.max(...sizes));
  const spread = [0.13, 0.48, 0.91].map((share) => Math.floor(share * sizes.length));
  return [...new Set([largest, ...spread])];
}

describe("every parameter's gradient matches central differences", () => {
  test.each([
    ["tied, 4 heads on 2", {}, 1],
    ["untied, 3 heads on 1, at temperature 0.7", { tied: false, heads: 3, keyHeads: 1 }, 0.7],
  ] as const)(
    "%s",
    async (_, change, temperature) => {
      const config = decoderConfig({ ...SMALL, ...change });
      const micro = { groups: GROUPS, weights: weightsFor(GROUPS) };
      const found = await tensors(config, [micro], temperature);
      const parameters = doubles(decoderWeights(config));
      // Embedding and last norm, 12 tensors a layer, and the head where it is not the embedding.
      expect(found.size).toBe(2 + 12 * config.layers + (config.tied ? 0 : 1));
      for (const [name, gradient] of found) {
        const values = parameters.get(name)!;
        const largest = Math.max(...gradient.map(Math.abs));
        expect(largest, name).toBeGreaterThan(1e-6);
        const at = sample(gradient);
        const point = at.map((i) => values[i]!);
        const slopes = numericalGradient((moved) => {
          const changed = values.slice();
          at.forEach((i, n) => {
            changed[i] = moved[n]!;
          });
          return loss(config, new Map(parameters).set(name, changed), temperature);
        }, point);
        // Relative to the tensor's largest gradient, so that small gradients are held to it too.
        expect(
          at.map((i) => gradient[i]! / largest),
          name,
        ).toBeClose(
          slopes.map((slope) => slope / largest),
          TOLERANCE.gradient,
        );
      }
    },
    300_000,
  );
});

describe("micro-batches", () => {
  const config = decoderConfig(SMALL);
  const [first, second] = [GROUPS.slice(0, 1), GROUPS.slice(1)];
  const weights = weightsFor(GROUPS);
  const count = weightsFor(first).length;
  const a = { groups: first, weights: weights.slice(0, count) };
  const b = { groups: second, weights: weights.slice(count) };

  test("gradients add up over them", async () => {
    const whole = await gradients(config, [{ groups: GROUPS, weights }]);
    const parts = await gradients(config, [a, b]);
    expect(parts).toBeClose(whole, TOLERANCE.kernel);
    const one = await gradients(config, [a]);
    const other = await gradients(config, [b]);
    expect(parts).toBeClose(
      one.map((value, i) => value + other[i]!),
      TOLERANCE.kernel,
    );
    expect(Math.max(...one.map(Math.abs), 0)).toBeGreaterThan(0.1);
  });

  test("discard forgets them", async () => {
    using scope = gpu.scope();
    const model = await decoderModel(gpu, scope, config);
    const trainer = new Trainer(gpu, scope, model, 64);
    const { packed, targets } = batchOf(first);
    gpu.write(trainer.head.weight, Float32Array.from(a.weights));
    trainer.accumulate(packed, targets, () => {});
    trainer.discard();
    const left = await readTensors(gpu, trainer.trainable.grads);
    for (const values of left.values()) expect(values.every((value) => value === 0)).toBe(true);
  });
});

test("a token of weight 0 carries no gradient", async () => {
  const config = decoderConfig(SMALL);
  const { contexts } = batchOf(GROUPS);
  const nothing = await gradients(config, [{ groups: GROUPS, weights: contexts.map(() => 0) }]);
  expect(nothing.every((value) => value === 0)).toBe(true);
  // The other groups' gradient is the same whether a group of weight 0 is there or not.
  const own = weightsFor(GROUPS.slice(0, 1));
  const masked = contexts.map((_, i) => own[i] ?? 0);
  const beside = await gradients(config, [{ groups: GROUPS, weights: masked }]);
  const alone = await gradients(config, [{ groups: GROUPS.slice(0, 1), weights: own }]);
  expect(beside).toBeClose(alone, TOLERANCE.kernel);
  expect(Math.max(...alone.map(Math.abs))).toBeGreaterThan(0.1);
});

test.each([{ tied: true }, { tied: false, layers: 3 }])(
  "activations that are computed again change no bit of any gradient: %j",
  async (change) => {
    using scope = gpu.scope();
    const config = decoderConfig({ ...SMALL, ...change });
    const model = await decoderModel(gpu, scope, config);
    const { packed, targets } = batchOf(GROUPS);
    const kept: HostTensors[] = [];
    const bytes: number[] = [];
    for (const recompute of [false, true]) {
      const before = gpu.memory.bytes;
      const trainer = new Trainer(gpu, scope, model, 64, recompute);
      gpu.write(trainer.head.weight, Float32Array.from(weightsFor(GROUPS)));
      trainer.accumulate(packed, targets, () => {});
      kept.push(await readTensors(gpu, trainer.trainable.grads));
      bytes.push(gpu.memory.bytes - before);
    }
    expect(kept[1]!).toEqual(kept[0]!);
    const [all, inputs] = bytes;
    expect(inputs!).toBeLessThan(all!);
  },
);
