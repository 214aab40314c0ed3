import type { Gpu } from "../src/gpu/device.ts";
import type { Scope } from "../src/gpu/memory.ts";
import { readTensors } from "../src/model/arena.ts";
import { createModel } from "../src/model/model.ts";
import { type Packed, packGroups } from "../src/model/packing.ts";
import { type HostTensors, hostSource } from "../src/model/tensor-source.ts";
import { type Targets, Trainer } from "../src/model/trainer.ts";
import { initialWeights } from "../src/model/weights.ts";
import type { Prepared, Suite } from "./benchmark.ts";
import {
  attentionFlops,
  LENGTH,
  MODEL,
  PARAMETERS,
  randomTokens,
  SEQUENCES,
} from "./model-size.ts";

const TOKENS = SEQUENCES * LENGTH;
const PER_MICRO_BATCH = 8;
const CAPACITY = PER_MICRO_BATCH * LENGTH;

/** One optimizer step over 64 sequences in micro-batches, every token but the first of each being a target. */
export const update: Suite = {
  name: "update",
  plan: () => [
    {
      name: "update",
      shape: `${SEQUENCES}×${LENGTH} tokens`,
      // Per micro-batch the weights and their gradient, in both passes; then AdamW.
      bytes: 4 * PARAMETERS * ((TOKENS / CAPACITY) * 4 + 7),
      flops: 3 * TOKENS * (2 * PARAMETERS + attentionFlops((LENGTH + 1) / 2)),
      prepare,
    },
  ],
};

const ADAMW = { learningRate: 1e-4, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };

interface MicroBatch {
  readonly packed: Packed;
  readonly targets: Targets;
}

function microBatch(index: number): MicroBatch {
  const members = Array.from({ length: PER_MICRO_BATCH }, (_, i) =>
    randomTokens(LENGTH, `sequence ${index * PER_MICRO_BATCH + i}`),
  );
  const packed = packGroups(members.map((member) => ({ prefix: [], members: [member] })));
  const rows = members.flatMap((member, m) =>
    member.slice(1).map((_, j) => packed.starts[m]![0]! + j),
  );
  const tokens = Uint32Array.from(members.flatMap((member) => member.slice(1)));
  return { packed, targets: { rows: Uint32Array.from(rows), tokens, temperature: 1 } };
}

async function prepare(gpu: Gpu, scope: Scope): Promise<Prepared> {
  const values = initialWeights(MODEL, 1);
  const model = await createModel(gpu, scope, MODEL, hostSource(values), MODEL.maxPositions);
  const trainer = new Trainer(gpu, scope, model, CAPACITY);
  const batches = Array.from({ length: TOKENS / CAPACITY }, (_, i) => microBatch(i));
  const targets = PER_MICRO_BATCH * (LENGTH - 1);
  const weight = Float32Array.from({ length: targets }, () => -1 / targets);
  let step = 0;

  async function run() {
    const start = performance.now();
    gpu.write(trainer.head.weight, weight);
    for (const { packed, targets } of batches) trainer.accumulate(packed, targets, () => {});
    trainer.step(1, { ...ADAMW, step: ++step });
    await gpu.idle();
    return performance.now() - start;
  }

  /** Mean loss of the first micro-batch with the weights moved by `distance` along `direction`. */
  async function loss(gradient: HostTensors, distance: number): Promise<number> {
    const { packed, targets } = batches[0]!;
    const moved = new Map(
      [...values].map(([name, own]) => {
        const slope = gradient.get(name)!;
        return [name, own.map((value, i) => value + distance * slope[i]!)];
      }),
    );
    await trainer.trainable.load(gpu, hostSource(moved));
    trainer.score(packed, targets);
    const logProbs = (await gpu.read(trainer.head.logProb)) as Float32Array;
    return -logProbs.subarray(0, weight.length).reduce((sum, x) => sum + x, 0) / weight.length;
  }

  return {
    /** Along the gradient, the loss changes by as much as the gradient says. */
    async check() {
      const { packed, targets } = batches[0]!;
      gpu.write(trainer.head.weight, weight);
      trainer.accumulate(packed, targets, () => {});
      const gradient = await readTensors(gpu, trainer.trainable.grads);
      trainer.discard();
      const norm = Math.hypot(...[...gradient.values()].map((part) => Math.hypot(...part)));
      const step = DISTANCE / norm;
      const change = await loss(gradient, step);
      const slope = (change - (await loss(gradient, -step))) / (2 * DISTANCE);
      await trainer.trainable.load(gpu, hostSource(values));
      const agrees = Math.abs(slope - norm) <= SLOPE_TOLERANCE * norm;
      return agrees
        ? undefined
        : `the loss changes by ${slope} per unit, its gradient says ${norm}`;
    },
    work: { run, tokens: TOKENS },
  };
}

/** Far enough for f32 losses to differ in four digits, near enough for the curve to be straight. */
const DISTANCE = 0.02;
const SLOPE_TOLERANCE = 0.01;
