/** Episodes from a file of any framework, as base methods see them. */

import type { EpisodeOutcome } from "../algorithm/episode-outcome.ts";
import { type AlgorithmConfig, hasCritic } from "../algorithm/methods.ts";
import { criticValues, type ReturnTrajectory } from "../rollout/trajectory.ts";

/**
 * Where no step tells a reward, the return is what the last one earned.
 * @param penalty what the returns have subtracted for each invalid action
 * @throws UserError where a method with a critic finds no values
 */
export function toldOutcomes(
  trajectories: readonly ReturnTrajectory[],
  config: AlgorithmConfig,
  penalty: number,
): EpisodeOutcome[] {
  return trajectories.map((episode) => {
    const { group, return: total, steps } = episode;
    const values = hasCritic(config) ? criticValues(episode, config.gae) : [];
    const untold = steps.every(({ reward }) => reward === undefined);
    const rewards = steps.map(({ reward = 0, valid }, t) =>
      untold ? (t === steps.length - 1 ? total : 0) : reward - (valid ? 0 : penalty),
    );
    const outcomes = steps.map(({ state, observation, tokens, valid }, t) => ({
      ...{ state, observation, tokens, reward: rewards[t]!, values: values[t] },
      cost: valid ? 0 : penalty,
    }));
    return { group, return: total, steps: outcomes };
  });
}
