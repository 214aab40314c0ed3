/** Episodes from a file of any framework, as base methods see them. */

import type { EpisodeOutcome } from "../algorithm/episode-outcome.ts";
import { type AlgorithmConfig, hasCritic } from "../algorithm/methods.ts";
import { criticValues, type ReturnTrajectory } from "../rollout/trajectory.ts";

/**
 * Where no step tells a reward, the last one earned the return and all that was subtracted from it.
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
    const costs = steps.map(({ valid }) => (valid ? 0 : penalty));
    const earned = total + costs.reduce((sum, cost) => sum + cost, 0);
    const outcomes = steps.map(({ reward = 0, state, observation, tokens }, t) => {
      const own = untold ? (t === steps.length - 1 ? earned : 0) : reward;
      const cost = costs[t]!;
      return { state, observation, tokens, reward: own - cost, cost, values: values[t] };
    });
    return { group, return: total, steps: outcomes };
  });
}
