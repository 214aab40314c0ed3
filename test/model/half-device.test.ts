/** Weights in half precision, on the one adapter without a GPU that knows it. */

import { describe, expect, test } from "bun:test";
import type { Gpu } from "../../src/gpu/device.ts";
import { readTensors } from "../../src/model/arena.ts";
import type { ModelConfig } from "../../src/model/config.ts";
import { Trainer } from "../../src/model/trainer.ts";
import { tokenEntropy, tokenLogProb } from "../reference/entropy.ts";
import { qwen2Logits } from "../reference/qwen2.ts";
import {
  batchOf,
  decoderConfig,
  decoderModel,
  decoderWeights,
  doubles,
  GROUPS,
} from "../support/decoder.ts";
import { lavapipe, testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const half = await lavapipe();

/** Log-probabilities, entropies and gradients of a batch; the test weights have places in half precision. */
async function learn(gpu: Gpu, config: ModelConfig) {
  using scope = gpu.scope();
  const model = await decoderModel(gpu, scope, config);
  const trainer = new Trainer(gpu, scope, model, 256);
  const { packed, targets, contexts } = batchOf(GROUPS, 0.8);
  const weight = Float32Array.from(contexts, (_, i) => ((i % 5) - 2.5) / contexts.length);
  gpu.write(trainer.head.weight, weight);
  trainer.accumulate(packed, targets, () => {});
  const [logProb, entropy] = await gpu.readAll([trainer.head.logProb, trainer.head.entropy]);
  const own = (numbers: ArrayLike<number>) => Array.from(numbers).slice(0, contexts.length);
  const gradients = await readTensors(gpu, trainer.trainable.grads);
  return { half: model.half, logProb: own(logProb!), entropy: own(entropy!), gradients };
}

describe.each([
  ["tied", { width: 36 }],
  ["untied, 3 heads on 1", { tied: false, heads: 3, keyHeads: 1, vocabulary: 67 }],
] as const)("%s", (_, change) => {
  const config = decoderConfig(change);

  test.skipIf(!half)(
    "half-precision weights give what f64 gives for the same weights",
    async () => {
      const found = await learn(half!, config);
      expect(found.half).toBe(true);
      const parameters = doubles(decoderWeights(config));
      const expected = batchOf(GROUPS, 0.8).contexts.map((context) => {
        const row = qwen2Logits(config, parameters, context.slice(0, -1)).at(-1)!;
        return [tokenLogProb(row, context.at(-1)!, 0.8), tokenEntropy(row, 0.8)] as const;
      });
      expect(found.logProb).toBeClose(
        expected.map(([logProb]) => logProb),
        TOLERANCE.reduction,
      );
      expect(found.entropy).toBeClose(
        expected.map(([, entropy]) => entropy),
        TOLERANCE.reduction,
      );
    },
  );

  test.skipIf(!half)(
    "their gradients are those of single-precision weights of the same value",
    async () => {
      const single = await learn(await testGpu(), config);
      const found = await learn(half!, config);
      for (const [name, gradient] of found.gradients) {
        const expected = single.gradients.get(name)!;
        const largest = Math.max(...expected.map(Math.abs));
        expect(
          gradient.map((value) => value / largest),
          name,
        ).toBeClose(
          expected.map((value) => value / largest),
          TOLERANCE.gradient,
        );
      }
    },
  );
});
