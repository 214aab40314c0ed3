import { hasCritic } from "../algorithm/methods.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import { upload } from "../model/arena.ts";
import { createModel, type Model } from "../model/model.ts";
import { Trainer, type TrainerSize } from "../model/trainer.ts";
import { readValueHead } from "../model/value-head-file.ts";
import type { RunConfig } from "./config.ts";
import type { Policy } from "./policy.ts";
import { allocateUpdate, type Updater } from "./policy-update.ts";

/** What a trainer of a configuration has room for. */
export function trainerSize({
  train: { micro_batch_tokens, recompute_activations },
  algorithm,
}: Pick<RunConfig, "train" | "algorithm">): TrainerSize {
  return {
    capacity: Math.ceil(micro_batch_tokens / 64) * 64,
    recompute: recompute_activations,
    valueHead: hasCritic(algorithm),
  };
}

/** Room for updates of a policy in micro-batches of up to `size.capacity` tokens; a critic begins as its files say, or at zero. */
export async function openTrainer(
  gpu: Gpu,
  scope: Scope,
  { model, start, path }: Policy,
  { capacity, recompute, valueHead }: TrainerSize,
): Promise<Trainer> {
  const trainer = new Trainer(gpu, scope, model, capacity, recompute, valueHead);
  if (trainer.trainable.apart) await trainer.trainable.load(gpu, start);
  const stored = trainer.valueHead && readValueHead(path, model.config.width);
  if (trainer.valueHead && stored) await upload(gpu, trainer.valueHead.weights, stored);
  return trainer;
}

/** Room for a run's updates; with a KL term, the starting policy as the reference. */
export async function openUpdater(
  gpu: Gpu,
  scope: Scope,
  config: RunConfig,
  policy: Policy,
): Promise<{ updater: Updater; trainer: Trainer }> {
  const size = trainerSize(config);
  const trainer = await openTrainer(gpu, scope, policy, size);
  const reference =
    config.algorithm.kl_coefficient > 0 ? await referenceOf(gpu, scope, policy) : undefined;
  const scratch = allocateUpdate(scope, trainer.capacity, size.valueHead);
  const updater = { gpu, trainer, scratch, reference };
  return { updater, trainer };
}

/** With an adapter the base without it: no second copy of the weights is needed. */
async function referenceOf(gpu: Gpu, scope: Scope, { model, files }: Policy): Promise<Model> {
  const { adapter, ...base } = model;
  if (adapter) return base;
  return createModel(gpu, scope, files.config, files.weights, files.config.maxPositions);
}
