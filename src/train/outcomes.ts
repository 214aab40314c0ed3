/** Episodes as the base methods see them. */

import { DIALECTS } from "../algorithm/dialect.ts";
import type { EpisodeOutcome } from "../algorithm/episode-outcome.ts";
import { overlongPenalty } from "../algorithm/overlong.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { RunConfig } from "./config.ts";

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
      cost: (valid ? 0 : penalty) + costs[t]!,
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
  const max = overlongLimit({ algorithm, rollout, env });
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

/** Sampled tokens of a turn, or of an episode, that the penalty counts as the most there may be. */
export function overlongLimit({
  algorithm,
  rollout,
  env,
}: Pick<RunConfig, "algorithm" | "rollout" | "env">): number {
  const turns = algorithm.overlong_of === "episode" ? env.max_turns : 1;
  return algorithm.overlong_max ?? rollout.max_tokens_per_turn * turns;
}
