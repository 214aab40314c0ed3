/**
 * GiGPO (arXiv 2505.10978): A = A_episode + w·A_step, from the definitions.
 *
 *   Q(i, t)      = Σ_{u ≥ t} γ^(u − t) · r(i, u)
 *   A_step(i, t) = (Q(i, t) − mean) / norm       over all (j, u) of the group with the same state
 *   A_episode(i) = (R(i) − mean) / norm          over the episodes of the group
 *   norm         = 1, or std + eps               std with n − 1
 *
 * Decisions: equal values, and a value that stands alone, give exactly 0.
 */

import { groupAdvantages } from "./group-advantage.ts";

export interface GigpoEpisode {
  readonly group: string;
  readonly return: number;
  readonly steps: readonly { readonly reward: number; readonly state: string }[];
}

export function gigpo(
  episodes: readonly GigpoEpisode[],
  options: { std: boolean; step_std: boolean; gamma: number; step_weight: number; eps: number },
): number[][] {
  const { std, step_std, gamma, step_weight, eps } = options;
  const ofEpisode = groupAdvantages(
    episodes.map((episode) => episode.return),
    episodes.map(({ group }) => group),
    { std, eps },
  );
  const visits = episodes.flatMap(({ group, steps }, i) =>
    steps.map(({ state }, t) => ({
      ...{ i, t, place: JSON.stringify([group, state]) },
      Q: steps.slice(t).reduce((sum, { reward }, later) => sum + gamma ** later * reward, 0),
    })),
  );
  const ofStep = groupAdvantages(
    visits.map(({ Q }) => Q),
    visits.map(({ place }) => place),
    { std: step_std, eps },
  );
  return episodes.map(({ steps }, i) =>
    steps.map((_, t) => {
      const at = visits.findIndex((visit) => visit.i === i && visit.t === t);
      return ofEpisode[i]! + step_weight * ofStep[at]!;
    }),
  );
}
