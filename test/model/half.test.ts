import { beforeAll, expect, test } from "bun:test";
import type { Gpu } from "../../src/gpu/device.ts";
import { readTensors } from "../../src/model/arena.ts";
import { createModel } from "../../src/model/model.ts";
import { hostSource } from "../../src/model/tensor-source.ts";
import { Trainer } from "../../src/model/trainer.ts";
import {
  batchOf,
  decoderConfig,
  decoderModel,
  decoderWeights,
  GROUPS,
  POSITIONS,
} from "../support/decoder.ts";
import { testGpu } from "../support/device.ts";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await testGpu();
  if (!gpu.capacity.half)
    console.error("this device has no shader-f16: weights stay in single precision");
});

const RATE = 1e-6;
const UPDATES = 20;
const MATRIX = "model.layers.0.mlp.gate_proj.weight";
const half = (values: Float32Array) => new Float32Array(new Float16Array(values));

/** The weights that the optimizer moves and those that forward passes read, after updates at a small rate. */
async function trained() {
  using scope = gpu.scope();
  const config = decoderConfig();
  const source = hostSource(decoderWeights(config));
  const model = await decoderModel(gpu, scope, config);
  const trainer = new Trainer(gpu, scope, model, 256);
  await trainer.trainable.load(gpu, source);
  const { packed, targets } = batchOf(GROUPS);
  const count = targets.rows.length;
  gpu.write(trainer.head.weight, new Float32Array(count).fill(-1 / count));
  for (let step = 1; step <= UPDATES; step++) {
    trainer.accumulate(packed, targets, () => {});
    const options = { learningRate: RATE, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 };
    trainer.step(1, { ...options, step });
  }
  const weights = await readTensors(gpu, trainer.trainable.weights);
  return { weights, read: await readTensors(gpu, model.arena) };
}

test("at a learning rate of 1e-6 weights move, where half precision alone would stand still", async () => {
  const before = decoderWeights(decoderConfig()).get(MATRIX)!;
  const { weights, read } = await trained();
  const after = weights.get(MATRIX)!;
  const moved = after.map((value, i) => Math.abs(value - before[i]!));
  // A steady gradient moves a weight by the rate at every update.
  const steady = moved.filter((distance) => distance > 0.5 * UPDATES * RATE).length;
  expect(steady / moved.length).toBeGreaterThan(0.5);
  expect(Math.max(...moved)).toBeLessThan(2 * UPDATES * RATE);
  // One update in half precision: nearly every weight of ordinary size rounds back to what it was.
  const stuck = before.filter((value) => half(Float32Array.of(value - RATE))[0] === value);
  expect(stuck.length / before.length).toBeGreaterThan(0.95);
  expect(read.get(MATRIX)!).toEqual(gpu.capacity.half ? half(after) : after);
});

test("vectors keep single precision", async () => {
  const { weights, read } = await trained();
  for (const [name, values] of weights) {
    if (name.endsWith("norm.weight") || name.endsWith("bias")) {
      expect(read.get(name)!, name).toEqual(values);
    }
  }
});

test("a weight outside half precision is found at load and named", async () => {
  using scope = gpu.scope();
  const config = decoderConfig();
  const tensors = decoderWeights(config);
  tensors.get(MATRIX)![7] = 70_000;
  const load = createModel(gpu, scope, config, hostSource(tensors), POSITIONS);
  if (gpu.capacity.half) {
    await expect(load).rejects.toThrow(`"${MATRIX}" holds 70000 at element 7`);
  } else {
    const found = await readTensors(gpu, (await load).arena);
    expect(found.get(MATRIX)![7]).toBe(70_000);
  }
});
