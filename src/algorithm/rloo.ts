/** `method = "rloo"`: REINFORCE with the others of its group as the baseline (arXiv 2402.14740). */

import { z } from "zod";
import { DIALECTS, type Dialect } from "./dialect.ts";
import { byRows, type EpisodeOutcome } from "./episode-outcome.ts";
import { leaveOneOut } from "./leave-one-out.ts";
import { groupKeys, lossKeys, overlongKeys } from "./method-keys.ts";

export const RlooConfig = z.strictObject({
  method: z.literal("rloo"),
  ...lossKeys({ kl_coefficient: 0 }),
  ...groupKeys({ uniform_groups: "keep" }),
  ...overlongKeys({ overlong_penalty: 0 }),
});

/** A(i) = R(i) − mean R of the others of its group, the same for every step of i unless each is a row of its own. */
export function rloo(
  episodes: readonly EpisodeOutcome[],
  { dialect }: { readonly dialect: Dialect },
): number[][] {
  const { row, lonely } = DIALECTS[dialect];
  return byRows(episodes, row, (returns, groups) => leaveOneOut(returns, groups, { lonely }));
}
