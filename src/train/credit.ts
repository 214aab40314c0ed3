/** From an iteration's episodes to what each step's tokens are worth: the method's advantages, then their modulation. */

import { DIALECTS } from "../algorithm/dialect.ts";
import { type EmpgOptions, type EmpgScratch, empg, writeSteps } from "../algorithm/empg.ts";
import type { EpisodeOutcome } from "../algorithm/episode-outcome.ts";
import { advantagesOf } from "../algorithm/methods.ts";
import { overlongPenalty } from "../algorithm/overlong.ts";
import type { Gpu } from "../gpu/device.ts";
import { type ModulationSummary, readModulationSummary } from "../ops/advantage-modulation.ts";
import type { RolloutBatch } from "../rollout/batch.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { RunConfig } from "./config.ts";

/** Fills `scratch.modulated` (steps of the batch) and all that leads to it. */
export async function assignCredit(
  gpu: Gpu,
  scratch: EmpgScratch,
  config: RunConfig,
  { trajectories, layout, entropies }: RolloutBatch,
): Promise<ModulationSummary> {
  const advantages = advantagesOf(config.algorithm, outcomesOf(trajectories, config));
  writeSteps(gpu, scratch, {
    layout,
    tokenEntropy: entropies,
    advantage: Float32Array.from(advantages.flat()),
  });
  gpu.submit((pass) => empg(pass, scratch, layout, modulationOptions(config)));
  return readModulationSummary(await gpu.read(scratch.summary));
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

/** What the method sees of the episodes. The rewards of a step have subtracted what the return has subtracted for it. */
export function outcomesOf(
  trajectories: readonly Trajectory[],
  config: RunConfig,
): EpisodeOutcome[] {
  const { invalid_action_penalty: penalty } = config.env;
  return trajectories.map(({ group, steps, return: total }) => {
    const costs = overlongCosts(
      steps.map(({ tokens }) => tokens.length),
      config,
    );
    const outcomes = steps.map(({ reward, valid, state, observation }, t) => ({
      reward: reward - (valid ? 0 : penalty) - costs[t]!,
      state: state ?? observation,
      observation,
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
