/** From an iteration's episodes to what each step's tokens are worth: the method's advantages, then their modulation. */

import { DIALECTS } from "../algorithm/dialect.ts";
import { type EmpgOptions, type EmpgScratch, empg, writeSteps } from "../algorithm/empg.ts";
import type { EpisodeOutcome } from "../algorithm/episode-outcome.ts";
import { advantagesOf } from "../algorithm/methods.ts";
import { overlongPenalty } from "../algorithm/overlong.ts";
import { modulateTokens } from "../algorithm/token-advantages.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type ModulationSummary, readModulationSummary } from "../ops/advantage-modulation.ts";
import type { RolloutBatch } from "../rollout/batch.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { RunConfig } from "./config.ts";
import { type CriticTargets, criticTargets, valuesOfSteps } from "./critic.ts";

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
  gpu.submit((pass) => empg(pass, scratch, layout, modulationOptions(config)));
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

/** Without modulation the advantages pass through unchanged, and entropies are still measured. */
export function modulationOptions({ modulation }: Pick<RunConfig, "modulation">): EmpgOptions {
  const off = modulation.type === "none";
  return {
    k: off ? 0 : modulation.k,
    kPrime: modulation.k_prime,
    zeta: off ? 0 : modulation.zeta,
    eps: modulation.eps,
    stepEntropy: modulation.step_entropy,
    normalization: modulation.normalization,
    center: off ? "none" : modulation.center,
  };
}

/**
 * What the method sees of the episodes. A turn's own penalties are taken from its reward, as they are from the return.
 * @param values per episode, step and token, where the method has a critic
 */
export function outcomesOf(
  trajectories: readonly Trajectory[],
  config: RunConfig,
  values?: readonly (readonly (readonly number[])[])[],
): EpisodeOutcome[] {
  const { invalid_action_penalty: penalty } = config.env;
  return trajectories.map(({ group, steps, return: total }, i) => {
    const costs = overlongCosts(
      steps.map(({ tokens }) => tokens.length),
      config,
    );
    const outcomes = steps.map(({ reward, valid, state, observation, tokens }, t) => ({
      reward: reward - (valid ? 0 : penalty) - costs[t]!,
      state: state ?? observation,
      observation,
      tokens: tokens.length,
      values: values?.[i]?.[t],
    }));
    return { group, return: total - costs.reduce((a, b) => a + b, 0), steps: outcomes };
  });
}

/** What each turn's length costs. lengths (T) → (T); what an episode's length costs is paid by its last turn. */
function overlongCosts(
  lengths: readonly number[],
  { algorithm, rollout, env }: RunConfig,
): number[] {
  const whole = algorithm.overlong_of === "episode";
  const longest = rollout.max_tokens_per_turn * (whole ? env.max_turns : 1);
  const max = algorithm.overlong_max ?? longest;
  const options = {
    penalty: algorithm.overlong_penalty,
    buffer: algorithm.overlong_buffer ?? Math.ceil(max / 5),
    max,
    ends: DIALECTS[algorithm.dialect].overlongEnds,
  };
  if (!whole) return lengths.map((length) => overlongPenalty(length, options));
  const cost = overlongPenalty(
    lengths.reduce((a, b) => a + b, 0),
    options,
  );
  return lengths.map((_, t) => (t === lengths.length - 1 ? cost : 0));
}
