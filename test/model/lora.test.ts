import { beforeAll, describe, expect, test } from "bun:test";
import type { Gpu } from "../../src/gpu/device.ts";
import type { Scope } from "../../src/gpu/memory.ts";
import { readTensors } from "../../src/model/arena.ts";
import type { ModelConfig } from "../../src/model/config.ts";
import { initialAdapter, LORA_TARGETS, type LoraConfig } from "../../src/model/lora.ts";
import { type Model, withAdapter } from "../../src/model/model.ts";
import { type HostTensors, hostSource } from "../../src/model/tensor-source.ts";
import { Trainer } from "../../src/model/trainer.ts";
import { tokenLogProb } from "../reference/entropy.ts";
import { withAdapter as mergedWith } from "../reference/lora.ts";
import { numericalGradient } from "../reference/numerical-gradient.ts";
import { type Parameters, qwen2Logits } from "../reference/qwen2.ts";
import {
  batchOf,
  decoderConfig,
  decoderModel,
  decoderWeights,
  doubles,
  someTokens,
} from "../support/decoder.ts";
import { testGpu } from "../support/device.ts";
import { someAdapter } from "../support/lora.ts";
import { TOLERANCE } from "../support/tolerances.ts";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await testGpu();
});

const GROUPS = [
  { prefix: someTokens(5, 1, 19), members: [someTokens(4, 2, 19), someTokens(7, 3, 19)] },
  { prefix: [], members: [someTokens(6, 4, 19)] },
];
const { packed, targets, contexts } = batchOf(GROUPS, 0.8);
const weightOf = (i: number) => Math.fround(((i % 5) - 2.5) / 7 - i / 50);

/** Widths in fours and not; every target and one; both scales. */
const CASES: readonly (readonly [string, Partial<ModelConfig>, LoraConfig])[] = [
  [
    "every target, rank 4",
    { vocabulary: 19, width: 20, innerWidth: 12 },
    { rank: 4, alpha: 8, rankStabilised: false, targets: LORA_TARGETS },
  ],
  [
    "rank 3 beside odd widths, rank-stabilised",
    { vocabulary: 19, width: 22, innerWidth: 13, heads: 3, keyHeads: 1 },
    { rank: 3, alpha: 2, rankStabilised: true, targets: LORA_TARGETS },
  ],
  [
    "values and down projection alone",
    { vocabulary: 19, width: 20, innerWidth: 12 },
    { rank: 2, alpha: 4, rankStabilised: false, targets: ["v_proj", "down_proj"] },
  ],
];

function adapted(scope: Scope, config: ModelConfig, lora: LoraConfig, tensors: HostTensors) {
  const from = { config: lora, weights: hostSource(tensors) };
  return decoderModel(gpu, scope, config).then((base) => withAdapter(gpu, scope, base, from));
}

async function logProbs(trainer: Trainer, model: Model): Promise<number[]> {
  trainer.score(packed, targets, model);
  const found = await gpu.read(trainer.head.logProb);
  return Array.from(found.subarray(0, contexts.length));
}

function expected(config: ModelConfig, parameters: Parameters): number[] {
  return contexts.map((context) => {
    const row = qwen2Logits(config, parameters, context.slice(0, -1)).at(-1)!;
    return tokenLogProb(row, context.at(-1)!, targets.temperature);
  });
}

describe.each(CASES)("%s", (_, change, lora) => {
  const config = decoderConfig(change);
  const weights = doubles(decoderWeights(config));
  const tensors = someAdapter(config, lora);

  test("the adapter computes what the merged weights compute", async () => {
    using scope = gpu.scope();
    const model = await adapted(scope, config, lora, tensors);
    const trainer = new Trainer(gpu, scope, model, 64);
    const found = await logProbs(trainer, model);
    expect(found).toBeClose(
      expected(config, mergedWith(weights, tensors, lora)),
      TOLERANCE.reduction,
    );
    const { adapter: __, ...base } = model;
    expect(await logProbs(trainer, base)).toBeClose(expected(config, weights), TOLERANCE.reduction);
  });

  test("the gradients of A and B match central differences", async () => {
    using scope = gpu.scope();
    const model = await adapted(scope, config, lora, tensors);
    const trainer = new Trainer(gpu, scope, model, 64);
    gpu.write(
      trainer.head.weight,
      Float32Array.from(contexts, (_, i) => weightOf(i)),
    );
    trainer.accumulate(packed, targets, () => {});
    const found = await readTensors(gpu, trainer.trainable.grads);
    expect([...found.keys()].toSorted()).toEqual([...tensors.keys()].toSorted());
    const loss = (adapter: ReadonlyMap<string, ArrayLike<number>>) =>
      expected(config, mergedWith(weights, adapter, lora)).reduce(
        (sum, logProb, i) => sum + weightOf(i) * logProb,
        0,
      );
    for (const [name, gradient] of found) {
      const largest = Math.max(...gradient.map(Math.abs));
      expect(largest, name).toBeGreaterThan(1e-6);
      const at = [0, Math.floor(gradient.length / 2), gradient.length - 1];
      const values = Float64Array.from(tensors.get(name)!);
      const slopes = numericalGradient(
        (moved) => {
          const changed = values.slice();
          at.forEach((i, n) => {
            changed[i] = moved[n]!;
          });
          return loss(new Map<string, ArrayLike<number>>(tensors).set(name, changed));
        },
        at.map((i) => values[i]!),
      );
      const share = (numbers: readonly number[]) => numbers.map((value) => value / largest);
      const own = share(at.map((i) => gradient[i]!));
      expect(own, name).toBeClose(share(slopes), TOLERANCE.gradient);
    }
  });
});

test("a fresh adapter changes no bit", async () => {
  using scope = gpu.scope();
  const config = decoderConfig();
  const lora = { rank: 4, alpha: 8, rankStabilised: false, targets: LORA_TARGETS };
  const model = await adapted(scope, config, lora, initialAdapter(config, lora, 1));
  const trainer = new Trainer(gpu, scope, model, 64);
  const { adapter: _, ...base } = model;
  expect(await logProbs(trainer, model)).toEqual(await logProbs(trainer, base));
});

test("an update moves the adapter and leaves the weights beside it", async () => {
  using scope = gpu.scope();
  const config = decoderConfig();
  const lora = { rank: 4, alpha: 8, rankStabilised: false, targets: LORA_TARGETS };
  const tensors = someAdapter(config, lora);
  const model = await adapted(scope, config, lora, tensors);
  const trainer = new Trainer(gpu, scope, model, 64);
  const before = await readTensors(gpu, model.arena);
  gpu.write(
    trainer.head.weight,
    Float32Array.from(contexts, (_, i) => weightOf(i)),
  );
  trainer.accumulate(packed, targets, () => {});
  const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 };
  trainer.step(1, { ...options, step: 1 });
  expect(await readTensors(gpu, model.arena)).toEqual(before);
  for (const [name, values] of await readTensors(gpu, model.adapter!.arena)) {
    const old = tensors.get(name)!;
    // AdamW's first step is the learning rate's size wherever the gradient is not tiny.
    const moved = values.filter((value, i) => Math.abs(Math.abs(value - old[i]!) - 0.01) < 1e-3);
    expect(moved.length / values.length, name).toBeGreaterThan(0.9);
  }
});
