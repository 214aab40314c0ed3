/** From an iteration's episodes to what each step's tokens are worth: the method's advantages, then their modulation. */

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

/** What the method sees of the episodes. */
export function outcomesOf(
  trajectories: readonly Trajectory[],
  { algorithm, rollout }: RunConfig,
): EpisodeOutcome[] {
  const max = algorithm.overlong_max ?? rollout.max_tokens_per_turn;
  const buffer = algorithm.overlong_buffer ?? Math.ceil(max / 5);
  const overlong = { penalty: algorithm.overlong_penalty, buffer, max };
  return trajectories.map((trajectory) => {
    const { group, steps } = trajectory;
    const cost = steps.reduce(
      (sum, { tokens }) => sum + overlongPenalty(tokens.length, overlong),
      0,
    );
    const outcomes = steps.map(({ reward, observation }) => ({ reward, state: observation }));
    return { group, return: trajectory.return - cost, steps: outcomes };
  });
}
