/** `method = "rloo"`: REINFORCE with the others of its group as the baseline (arXiv 2402.14740). */

import { z } from "zod";
import { DIALECTS, type Dialect } from "./dialect.ts";
import { type EpisodeOutcome, perStep, votesOf } from "./episode-outcome.ts";
import { leaveOneOut } from "./leave-one-out.ts";
import { groupKeys, lossKeys, overlongKeys } from "./method-keys.ts";

export const RlooConfig = z.strictObject({
  method: z.literal("rloo"),
  ...lossKeys({ kl_coefficient: 0 }),
  ...groupKeys({ uniform_groups: "keep" }),
  ...overlongKeys({ overlong_penalty: 0 }),
});

/** A(i) = R(i) − mean R of the others of its group, the same for every step of i. */
export function rloo(
  episodes: readonly EpisodeOutcome[],
  { dialect }: { readonly dialect: Dialect },
): number[][] {
  const { row, lonely } = DIALECTS[dialect];
  const returns = episodes.map((episode) => episode.return);
  const groups = episodes.map(({ group }) => group);
  const votes = votesOf(episodes, row);
  return perStep(episodes, leaveOneOut(returns, groups, { votes, lonely }));
}
