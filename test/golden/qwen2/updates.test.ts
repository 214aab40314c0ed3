import { describe, expect, test } from "bun:test";
import type { Gpu } from "../../../src/gpu/device.ts";
import type { Scope } from "../../../src/gpu/memory.ts";
import { LORA_TARGETS } from "../../../src/model/lora.ts";
import { rolloutBatch } from "../../../src/rollout/batch.ts";
import { trainingGroups } from "../../../src/rollout/sequences.ts";
import {
  allocateUpdate,
  policyUpdate,
  type UpdateOptions,
} from "../../../src/train/policy-update.ts";
import { learningRate } from "../../../src/train/schedule.ts";
import { FORMS, type TestForm, testGpu } from "../../support/device.ts";
import {
  lastGradients,
  openAdapted,
  openTensors,
  openTrainer,
} from "../../support/golden-model.ts";
import { TOLERANCE } from "../../support/tolerances.ts";
import { trajectoriesOf } from "./trajectories.ts";
import {
  GOLDEN,
  type Golden,
  type GoldenUpdate,
  goldenAdapter,
  goldenWeights,
  sketch,
  unpacked,
} from "./vectors.ts";

/** Tokens of a micro-batch: several of them make an update. */
const CAPACITY = 64;

/** A policy whose weights are all trained, and the other policy that the vectors measure KL from. */
async function openWhole(gpu: Gpu, scope: Scope, golden: Golden) {
  const { config, moved } = golden;
  const model = await openTensors(gpu, scope, config, goldenWeights(golden));
  const reference = await openTensors(gpu, scope, config, goldenWeights(golden, moved));
  return { model, reference };
}

/** A policy with an adapter, and the model without it. */
async function openWithAdapter(gpu: Gpu, scope: Scope, golden: Golden) {
  const { rank, alpha, rank_stabilised: rankStabilised, targets } = golden.lora!;
  const reference = await openTensors(gpu, scope, golden.config, goldenWeights(golden));
  const ordered = LORA_TARGETS.filter((target) => targets.includes(target));
  const lora = { rank, alpha, rankStabilised, targets: ordered };
  const model = await openAdapted(gpu, scope, reference, lora, goldenAdapter(golden));
  return { model, reference };
}

/** Policy, reference and optimizer of a golden vector on a device, and how to update them. */
async function openUpdates(golden: Golden, form: TestForm, open = openWhole) {
  const gpu = await testGpu(form);
  const scope = gpu.scope();
  const { model, reference } = await open(gpu, scope, golden);
  const trainer = openTrainer(gpu, scope, model, CAPACITY);
  const updater = { gpu, trainer, scratch: allocateUpdate(scope, CAPACITY), reference };
  const trajectories = trajectoriesOf(golden);
  const batch = rolloutBatch(trajectories, "batch");
  const steps = golden.trajectories.flatMap((trajectory) => trajectory.steps);
  const advantage = scope.f32("advantage", [steps.length]);
  gpu.write(
    advantage,
    Float32Array.from(steps, (step) => step.advantage),
  );
  const weights = Float32Array.from(steps.flatMap((step) => step.weights));
  const { clip_low: clipLow, clip_high: clipHigh, kl_coefficient } = golden.surrogate;
  const { temperature } = golden;
  return {
    update: (options: Pick<UpdateOptions, "adamw" | "maxGradNorm">) =>
      policyUpdate(
        updater,
        batch,
        trainingGroups(trajectories),
        { advantage, weights },
        {
          ...options,
          surrogate: {
            ...{ clipLow, clipHigh, dualClip: 0 },
            ...{ klCoefficient: kl_coefficient, klEstimator: "k3" },
            ...{ logRatioLimit: 20, k3Limit: 3e38, entropyCoefficient: 0 },
          },
          temperature,
        },
      ),
    gradients: () => lastGradients(gpu, trainer),
    [Symbol.dispose]: () => scope[Symbol.dispose](),
  };
}

/** ‖found − expected‖, for numbers of f32 rounding. */
function distance(found: readonly number[], expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  return Math.hypot(...found.map((value, i) => value - expected[i]!));
}

const ADAPTED = GOLDEN.filter(([, { lora }]) => lora !== undefined);

describe.each(FORMS)("in its %s the engine agrees with", (form) => {
  test.each(GOLDEN)("transformers on the loss and every parameter's gradient: %s", (_, golden) =>
    expectUpdate(golden.update, () => openUpdates(golden, form)),
  );
  test.each(ADAPTED)("PEFT on the loss and every factor's gradient: %s", (_, golden) =>
    expectUpdate(golden.lora!.update, () => openUpdates(golden, form, openWithAdapter)),
  );

  async function expectUpdate(
    { policy_loss, kl_loss, clip_fraction, grad_norm, gradients }: GoldenUpdate,
    open: () => ReturnType<typeof openUpdates>,
  ): Promise<void> {
    using updates = await open();
    const still = { learningRate: 0, beta1: 0, beta2: 0, epsilon: 1, weightDecay: 0, step: 1 };
    const report = await updates.update({ adamw: still, maxGradNorm: 1e30 });
    expect(report.policyLoss).toBeClose(policy_loss, TOLERANCE.golden);
    expect(report.klLoss).toBeClose(kl_loss, TOLERANCE.golden);
    expect(report.clipFraction).toBeClose(clip_fraction, TOLERANCE.kernel);
    expect(report.gradNorm / grad_norm).toBeClose(1, TOLERANCE.goldenTraining);
    const found = await updates.gradients();
    expect([...found.keys()].sort()).toEqual(Object.keys(gradients).sort());
    for (const [name, { norm, sums, elements }] of Object.entries(gradients)) {
      const ours = sketch(name, found.get(name)!);
      // Eight random signs over all elements: their sums part by about as much as the gradients do.
      const apart = distance(ours.sums, unpacked(sums)) / Math.sqrt(8) / norm;
      expect(apart, name).toBeLessThan(TOLERANCE.goldenTraining);
      const drawn = unpacked(elements);
      const size = Math.hypot(...drawn);
      expect(distance(ours.elements, drawn), name).toBeLessThanOrEqual(
        TOLERANCE.goldenTraining * size,
      );
    }
  }
});

test.each(GOLDEN)(
  "20 AdamW updates take the losses where PyTorch takes them: %s",
  async (_, golden) => {
    const { optimizer, training } = golden;
    using updates = await openUpdates(golden, "own form");
    const { beta1, beta2, eps: epsilon, weight_decay: weightDecay } = optimizer;
    const found = [];
    for (let step = 1; step <= training.policy_loss.length; step++) {
      const rate = learningRate(optimizer, step, training.policy_loss.length);
      const adamw = { learningRate: rate, beta1, beta2, epsilon, weightDecay, step };
      found.push(await updates.update({ adamw, maxGradNorm: optimizer.max_grad_norm }));
    }
    const policy = found.map((report) => report.policyLoss);
    expect(policy).toBeClose(training.policy_loss, TOLERANCE.goldenTraining);
    const kl = found.map((report) => report.klLoss);
    expect(kl).toBeClose(training.kl_loss, TOLERANCE.goldenTraining);
    const norms = found.map((report) => report.gradNorm);
    expect(norms).toBeClose(training.grad_norms, TOLERANCE.goldenTraining);
  },
);
