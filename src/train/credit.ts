/** From an iteration's episodes to what each step's tokens are worth: the method's advantages, then their modulation. */

import { type EmpgScratch, empg, writeSteps } from "../algorithm/empg.ts";
import { advantagesOf } from "../algorithm/methods.ts";
import { modulationOptions } from "../algorithm/modulation-options.ts";
import { modulateTokens } from "../algorithm/token-advantages.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type ModulationSummary, readModulationSummary } from "../ops/advantage-modulation.ts";
import type { RolloutBatch } from "../rollout/batch.ts";
import type { RunConfig } from "./config.ts";
import { type CriticTargets, criticTargets, valuesOfSteps } from "./critic.ts";
import { outcomesOf } from "./outcomes.ts";

/** What the tokens of a batch are worth. */
export interface Credit {
  readonly modulation: ModulationSummary;
  /** On the device: (steps of the batch), or (tokens) where each token has its own. */
  readonly advantage: Tensor;
  /** (tokens) where in `advantage` each one's stands. */
  readonly placeOf: Uint32Array;
  /** What a critic learns from, where there is one. */
  readonly critic: CriticTargets | undefined;
}

/**
 * Fills `scratch.modulated` (steps of the batch) and all that leads to it.
 * @param scope of what each token has for itself
 * @param values (tokens) what the critic says before each, where there is one
 */
export async function assignCredit(
  gpu: Gpu,
  scope: Scope,
  scratch: EmpgScratch,
  config: RunConfig,
  batch: RolloutBatch,
  values?: Float32Array,
): Promise<Credit> {
  const { trajectories, layout, entropies, stepOf } = batch;
  const said = values && valuesOfSteps(values, batch);
  const outcomes = outcomesOf(trajectories, config, said);
  const { steps, tokens, returns } = advantagesOf(config.algorithm, outcomes);
  writeSteps(gpu, scratch, {
    layout,
    tokenEntropy: entropies,
    advantage: Float32Array.from(steps.flat()),
  });
  gpu.submit((pass) => empg(pass, scratch, layout, modulationOptions(config.modulation)));
  const advantages = tokens && Float32Array.from(tokens.flat(2));
  return {
    modulation: readModulationSummary(await gpu.read(scratch.summary)),
    advantage: advantages
      ? modulateTokens(gpu, scope, scratch, { stepOf, advantages })
      : scratch.modulated,
    placeOf: advantages ? Uint32Array.from(stepOf.keys()) : stepOf,
    critic: values && returns && criticTargets(values, returns, batch),
  };
}
