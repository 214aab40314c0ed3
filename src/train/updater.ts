import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import { Trainer } from "../model/trainer.ts";
import { allocateWeights } from "../model/weights.ts";
import type { RunConfig } from "./config.ts";
import type { Policy } from "./policy.ts";
import { allocateUpdate, type Updater } from "./policy-update.ts";

/** Room for a run's updates; with a KL term, a copy of the starting weights as the reference. */
export function openUpdater(
  gpu: Gpu,
  scope: Scope,
  { train, algorithm }: RunConfig,
  { model, files }: Policy,
): { updater: Updater; trainer: Trainer } {
  const trainer = new Trainer(gpu, scope, model, Math.ceil(train.micro_batch_tokens / 64) * 64);
  let reference: Updater["reference"];
  if (algorithm.kl_coefficient > 0) {
    const weights = allocateWeights(scope, "reference", files.config, model.layout);
    gpu.write(weights.arena, files.values);
    reference = { ...model, weights };
  }
  const updater = { gpu, trainer, scratch: allocateUpdate(scope, trainer.capacity), reference };
  return { updater, trainer };
}
