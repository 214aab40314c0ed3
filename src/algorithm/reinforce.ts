/**
 * `method = "reinforce"`: Williams, Machine Learning 8 (1992), with r·A in place of A·ln π, whose gradient is the same at
 * r = 1. The baseline is the mean return of all other episodes of the batch: the method knows no groups.
 */

import { z } from "zod";
import { type EpisodeOutcome, perStep } from "./episode-outcome.ts";
import { leaveOneOut } from "./leave-one-out.ts";
import { groupKeys, lossKeys, overlongKeys } from "./method-keys.ts";

export const ReinforceConfig = z.strictObject({
  method: z.literal("reinforce"),
  baseline: z
    .enum(["batch", "none"])
    .default("batch")
    .describe(
      "what is subtracted from the return: the mean of the batch's other episodes, or nothing " +
        "(Williams 1992 allows both)",
    ),
  ...lossKeys({ kl_coefficient: 0 }),
  ...groupKeys({ uniform_groups: "keep" }),
  ...overlongKeys({ overlong_penalty: 0 }),
});

/** A(i) = R(i) − mean R of the others, or R(i) itself; the same for every step of i. */
export function reinforce(
  episodes: readonly EpisodeOutcome[],
  { baseline }: { readonly baseline: "batch" | "none" },
): number[][] {
  const returns = episodes.map((episode) => episode.return);
  if (baseline === "none") return perStep(episodes, returns);
  const batch = episodes.map(() => "batch");
  return perStep(episodes, leaveOneOut(returns, batch, { lonely: "raw" }));
}
