/** `method = "grpo"`: group relative policy optimization (arXiv 2402.03300). */

import { z } from "zod";
import { DIALECTS, type Dialect } from "./dialect.ts";
import { byRows, type EpisodeOutcome } from "./episode-outcome.ts";
import { groupAdvantages } from "./group-advantage.ts";
import { groupKeys, lossKeys, overlongKeys } from "./method-keys.ts";

/** How a group's returns become advantages, shared by the methods that build on GRPO. */
export const standardization = {
  std: z
    .boolean()
    .default(true)
    .describe(
      "divide by the group's standard deviation, n - 1; false is Dr.GRPO (arXiv 2503.20783)",
    ),
  eps: z.number().gt(0).default(1e-6).describe("added to the standard deviation (verl: 1e-6)"),
};

export const GrpoConfig = z.strictObject({
  method: z.literal("grpo").describe("the base method that computes the advantages"),
  ...standardization,
  ...lossKeys({ clip_low: 0.2, clip_high: 0.2, kl_coefficient: 0.01 }),
  ...groupKeys({ uniform_groups: "keep" }),
  ...overlongKeys({ overlong_penalty: 0 }),
});

export interface GrpoOptions {
  readonly std: boolean;
  readonly eps: number;
  readonly dialect: Dialect;
}

/** A(i) = (R(i) − mean R) / (std R + eps) over the group, the same for every step of i unless each is a row of its own. */
export function grpo(
  episodes: readonly EpisodeOutcome[],
  { std, eps, dialect }: GrpoOptions,
): number[][] {
  const { row, lonely } = DIALECTS[dialect];
  return byRows(episodes, row, (returns, groups) =>
    groupAdvantages(returns, groups, { std, eps, lonely }),
  );
}
