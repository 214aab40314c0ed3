import { beforeAll, expect, test } from "bun:test";
import type { Gpu } from "../../src/gpu/device.ts";
import { readTensors } from "../../src/model/arena.ts";
import type { LayoutLimits } from "../../src/model/layout.ts";
import { createModel } from "../../src/model/model.ts";
import { hostSource } from "../../src/model/tensor-source.ts";
import { Trainer } from "../../src/model/trainer.ts";
import { batchOf, decoderConfig, decoderWeights, GROUPS, POSITIONS } from "../support/decoder.ts";
import { testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await testGpu();
});

/** Log-probabilities, gradients and the weights after an update, with weights in slabs of at most so many elements. */
async function results(limits: LayoutLimits, tied: boolean) {
  using scope = gpu.scope();
  const config = decoderConfig({ vocabulary: 201, tied });
  const source = hostSource(decoderWeights(config));
  const model = await createModel(gpu, scope, config, source, POSITIONS, limits);
  const trainer = new Trainer(gpu, scope, model, 256);
  const { packed, targets } = batchOf(GROUPS);
  const count = targets.rows.length;
  gpu.write(trainer.head.weight, new Float32Array(count).fill(-1 / count));
  trainer.accumulate(packed, targets, () => {});
  const logProbs = Array.from((await gpu.read(trainer.head.logProb)).subarray(0, count));
  const gradients = await readTensors(gpu, trainer.trainable.grads);
  const options = { learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 };
  trainer.step(1, { ...options, step: 1 });
  const { slabs } = model.arena;
  return { slabs, logProbs, gradients, weights: await readTensors(gpu, trainer.trainable.weights) };
}

test.each([true, false])(
  "weights cut into many slabs give what one slab gives (tied: %p)",
  async (tied) => {
    const whole = await results({ slabElements: 2 ** 24, split: false }, tied);
    // The embedding of 201 × 40 numbers is cut after 64 rows, and every other matrix has a slab to itself.
    const cut = await results({ slabElements: 4200, split: false }, tied);
    expect(whole.slabs.length).toBe(1);
    expect(cut.slabs.length).toBeGreaterThan(8);
    expect(cut.logProbs).toEqual(whole.logProbs);
    // Sums over the vocabulary are taken block by block.
    for (const [name, gradient] of cut.gradients) {
      expect(gradient, name).toBeClose(whole.gradients.get(name)!, TOLERANCE.kernel);
    }
    for (const [name, weights] of cut.weights) {
      expect(weights, name).toBeClose(whole.weights.get(name)!, TOLERANCE.kernel);
    }
  },
);

test("biases and norms are not decayed, wherever they lie", async () => {
  const { gradients, weights } = await results({ slabElements: 4200, split: false }, true);
  const config = decoderConfig({ vocabulary: 201 });
  const name = "model.layers.1.input_layernorm.weight";
  const before = decoderWeights(config).get(name)!;
  const expected = before.map((w, i) => w - 0.01 * Math.sign(gradients.get(name)![i]!));
  expect(weights.get(name)!).toBeClose(expected, TOLERANCE.kernel);
});
