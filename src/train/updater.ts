import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import { createModel, type Model } from "../model/model.ts";
import { Trainer, type TrainerSize } from "../model/trainer.ts";
import type { RunConfig } from "./config.ts";
import type { Policy } from "./policy.ts";
import { allocateUpdate, type Updater } from "./policy-update.ts";

/** What a trainer of a configuration has room for. */
export function trainerSize({
  micro_batch_tokens,
  recompute_activations,
}: RunConfig["train"]): TrainerSize {
  return {
    capacity: Math.ceil(micro_batch_tokens / 64) * 64,
    recompute: recompute_activations,
  };
}

/** Room for updates of a policy in micro-batches of up to `size.capacity` tokens. */
export async function openTrainer(
  gpu: Gpu,
  scope: Scope,
  { model, start }: Policy,
  size: TrainerSize,
): Promise<Trainer> {
  const trainer = new Trainer(gpu, scope, model, size.capacity, size.recompute);
  if (trainer.trainable.apart) await trainer.trainable.load(gpu, start);
  return trainer;
}

/** Room for a run's updates; with a KL term, the starting policy as the reference. */
export async function openUpdater(
  gpu: Gpu,
  scope: Scope,
  { train, algorithm }: RunConfig,
  policy: Policy,
): Promise<{ updater: Updater; trainer: Trainer }> {
  const trainer = await openTrainer(gpu, scope, policy, trainerSize(train));
  const reference =
    algorithm.kl_coefficient > 0 ? await referenceOf(gpu, scope, policy) : undefined;
  const updater = { gpu, trainer, scratch: allocateUpdate(scope, trainer.capacity), reference };
  return { updater, trainer };
}

/** With an adapter the base without it: no second copy of the weights is needed. */
async function referenceOf(gpu: Gpu, scope: Scope, { model, files }: Policy): Promise<Model> {
  const { adapter, ...base } = model;
  if (adapter) return base;
  return createModel(gpu, scope, files.config, files.weights, files.config.maxPositions);
}
