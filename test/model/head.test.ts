import { beforeAll, describe, expect, test } from "bun:test";
import { randomFrom } from "../../src/core/random.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import type { Scope } from "../../src/gpu/memory.ts";
import { readTensors } from "../../src/model/arena.ts";
import { allocateHead, chunkOf, headBackward } from "../../src/model/head.ts";
import { createModel } from "../../src/model/model.ts";
import { hostSource } from "../../src/model/tensor-source.ts";
import { Trainable } from "../../src/model/trainable.ts";
import { initialWeights } from "../../src/model/weights.ts";
import { tokenEntropy, tokenLogProb } from "../reference/entropy.ts";
import { decoderConfig } from "../support/decoder.ts";
import { testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await testGpu();
});

const WIDTH = 8;

/** The head over hidden states and output rows that give logits of very different sizes. */
async function run(scope: Scope, vocabulary: number, count: number) {
  const config = decoderConfig({ vocabulary, width: WIDTH, layers: 1, tied: false });
  const random = randomFrom(vocabulary + count);
  const tensors = new Map(initialWeights(config, 1));
  // Some words tower above the rest, and some rows hardly choose.
  const rows = Float32Array.from({ length: vocabulary * WIDTH }, (_, i) => {
    const loud = Math.floor(i / WIDTH) % 97 === 0 ? 6 : 0.5;
    return loud * (2 * random.uniform() - 1);
  });
  tensors.set("lm_head.weight", rows);
  const model = await createModel(gpu, scope, config, hostSource(tensors), 4);
  const trainable = new Trainable(scope, model);
  const head = allocateHead(scope, config, count);
  const output = scope.f32("output", [count, WIDTH]);
  const hidden = Float32Array.from({ length: count * WIDTH }, () => 2 * random.uniform() - 1);
  const targets = Uint32Array.from({ length: count }, () => random.integer(vocabulary));
  const weight = Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);
  gpu.write(output, hidden);
  gpu.write(
    head.rows,
    Uint32Array.from({ length: count }, (_, i) => i),
  );
  gpu.write(head.targets, targets);
  gpu.write(head.weight, weight);
  const residualGrad = scope.f32("residual gradient", [count, WIDTH]);
  const chunks: number[] = [];
  gpu.submit((pass) => {
    const io = { output, head, grads: trainable.gradients.weights, residualGrad };
    headBackward(pass, model, io, { count, temperature: 0.9 }, (chunk) => {
      chunks.push(chunk.count);
    });
  });
  const all = { start: 0, count };
  const [logProb, entropy] = await gpu.readAll([
    chunkOf(head.logProb, all),
    chunkOf(head.entropy, all),
  ]);
  const gradients = await readTensors(gpu, trainable.grads);
  /** The norm is one: hidden / rms. */
  const logits = (row: number, words: readonly number[]) => {
    const own = hidden.subarray(row * WIDTH, (row + 1) * WIDTH);
    const rms = Math.sqrt(own.reduce((sum, x) => sum + x * x, 0) / WIDTH + config.epsilon);
    return words.map((word) =>
      own.reduce((sum, x, i) => sum + (x / rms) * rows[word * WIDTH + i]!, 0),
    );
  };
  const gradient = gradients.get("lm_head.weight")!;
  return { logProb: logProb!, entropy: entropy!, gradient, logits, targets, chunks };
}

describe.each([2, 31, 257, 4099, 151_936])("a vocabulary of %d", (vocabulary) => {
  // More rows than logits exist for at once where the vocabulary is large.
  const count = vocabulary > 100_000 ? 70 : 33;

  test("no log-probability is above 0, no entropy outside 0 to ln V, and both match f64", async () => {
    using scope = gpu.scope();
    const { logProb, entropy, logits, targets, chunks } = await run(scope, vocabulary, count);
    expect(chunks.length).toBe(vocabulary > 100_000 ? 2 : 1);
    for (let row = 0; row < count; row++) {
      expect(logProb[row]!).toBeLessThanOrEqual(0);
      expect(entropy[row]!).toBeGreaterThanOrEqual(0);
      expect(entropy[row]!).toBeLessThanOrEqual(Math.log(vocabulary) + 1e-5);
    }
    const words = Array.from({ length: vocabulary }, (_, word) => word);
    for (const row of [0, count >> 1, count - 1]) {
      const z = logits(row, words);
      expect(logProb[row]!).toBeClose(tokenLogProb(z, targets[row]!, 0.9), TOLERANCE.reduction);
      expect(entropy[row]!).toBeClose(tokenEntropy(z, 0.9), TOLERANCE.reduction);
    }
  });

  test("the gradient pushes words against one another: over the vocabulary it sums to 0", async () => {
    using scope = gpu.scope();
    const { gradient } = await run(scope, vocabulary, count);
    for (let column = 0; column < WIDTH; column++) {
      let sum = 0;
      let size = 0;
      for (let at = column; at < gradient.length; at += WIDTH) {
        sum += gradient[at]!;
        size += Math.abs(gradient[at]!);
      }
      expect(size).toBeGreaterThan(0.1);
      expect(Math.abs(sum) / size).toBeLessThan(TOLERANCE.reduction);
    }
  });
});
