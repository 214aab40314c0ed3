/**
 * `method = "gigpo"`: group-in-group policy optimization (arXiv 2505.10978).
 *
 *   A(i, t)      = A_episode(i) + w·A_step(i, t)
 *   A_episode(i) = (R(i) − mean R) / norm                over the episodes of the group
 *   A_step(i, t) = (Q(i, t) − mean Q) / norm             over the steps of the group that act from the same state
 *   Q(i, t)      = r(i, t) + γ·Q(i, t + 1)               what was earned from the step on
 *
 * norm is 1, or std + eps with n − 1 where `std` or `step_std` say so (the paper's F_norm = std; its published code
 * calls the two modes mean_norm, its default, and mean_std_norm). A state that only one step acts from has A_step = 0.
 */

import { z } from "zod";
import { anchorStates } from "./anchor-states.ts";
import { DIALECTS, type Dialect, type RowMeaning } from "./dialect.ts";
import type { EpisodeOutcome, StepOutcome } from "./episode-outcome.ts";
import { groupAdvantages } from "./group-advantage.ts";
import { grpo, standardization } from "./grpo.ts";
import { groupKeys, lossKeys, overlongKeys } from "./method-keys.ts";

export const GigpoConfig = z.strictObject({
  method: z.literal("gigpo"),
  std: standardization.std
    .default(false)
    .describe("divide the episode part by the group's standard deviation, n - 1"),
  eps: standardization.eps.describe("added to the standard deviations (verl: 1e-6)"),
  step_weight: z
    .number()
    .min(0)
    .max(1e6)
    .default(1)
    .describe("weight of the step part (arXiv 2505.10978: 1)"),
  gamma: z
    .number()
    .min(0)
    .max(1)
    .default(0.95)
    .describe("discount, per turn, of the returns that the step part compares (verl-agent: 0.95)"),
  step_std: z
    .boolean()
    .default(false)
    .describe("divide the step part by the standard deviation of its state, n - 1"),
  similarity: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe(
      "1: steps are compared where the state is the same; below: where observations are so alike " +
        "(Ratcliff/Obershelp; verl-agent: 0.95, search 0.9)",
    ),
  ...lossKeys({ clip_low: 0.2, clip_high: 0.2, kl_coefficient: 0.01 }),
  ...groupKeys({ uniform_groups: "keep" }),
  ...overlongKeys({ overlong_penalty: 0 }),
});

export interface GigpoOptions {
  readonly std: boolean;
  readonly eps: number;
  readonly step_weight: number;
  readonly gamma: number;
  readonly step_std: boolean;
  readonly similarity: number;
  readonly dialect: Dialect;
}

/** A_episode + w·A_step for every step of every episode. */
export function gigpo(episodes: readonly EpisodeOutcome[], options: GigpoOptions): number[][] {
  const ofEpisode = grpo(episodes, options);
  const ofStep = stepAdvantages(episodes, options);
  return ofEpisode.map((own, i) => own.map((A, t) => A + options.step_weight * ofStep[i]![t]!));
}

/** A_step for every step of every episode. */
export function stepAdvantages(
  episodes: readonly EpisodeOutcome[],
  { gamma, step_std, eps, similarity, dialect }: GigpoOptions,
): number[][] {
  const { row } = DIALECTS[dialect];
  const visits = episodes.flatMap(({ group, steps }, i) => {
    const Q = earnedFrom(steps, gamma, row);
    return steps.map((step, t) => ({ ...step, group, i, t, Q: Q[t]! }));
  });
  const result = episodes.map(({ steps }) => steps.map(() => 0));
  for (const group of Map.groupBy(visits, (visit) => visit.group).values()) {
    const states = anchorStates(group, similarity).map((at) => at.map((index) => group[index]!));
    for (const [s, state] of states.entries()) {
      const returns = state.map(({ Q }) => Q);
      const names = state.map(() => `${s}`);
      const found = groupAdvantages(returns, names, { std: step_std, eps });
      state.forEach(({ i, t }, at) => {
        result[i]![t] = found[at]!;
      });
    }
  }
  return result;
}

/** Q of every step. Where rows are steps a cost counts for its own step alone, and not for those that led there. */
function earnedFrom(steps: readonly StepOutcome[], gamma: number, row: RowMeaning): number[] {
  const costs = steps.map(({ cost = 0 }) => (row === "step" ? cost : 0));
  const rewards = steps.map(({ reward }, t) => reward + costs[t]!);
  return discountedReturns(rewards, gamma).map((Q, t) => Q - costs[t]!);
}

/** Q(t) = r(t) + γ·Q(t + 1).  rewards (T) → (T) */
export function discountedReturns(rewards: readonly number[], gamma: number): number[] {
  let after = 0;
  return rewards
    .toReversed()
    .map((reward) => (after = reward + gamma * after))
    .toReversed();
}
