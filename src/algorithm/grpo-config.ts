/** `[algorithm]` with `method = "grpo"`: group relative policy optimization (arXiv 2402.03300). */

import { z } from "zod";

export const GrpoConfig = z.strictObject({
  method: z.literal("grpo").describe("the base method that computes the advantages"),
  std: z
    .boolean()
    .default(true)
    .describe(
      "divide by the group's standard deviation, n - 1; false is Dr.GRPO (arXiv 2503.20783)",
    ),
  eps: z.number().gt(0).default(1e-6).describe("added to the standard deviation (verl: 1e-6)"),
  clip_low: z
    .number()
    .gt(0)
    .max(1)
    .default(0.2)
    .describe("the ratio is clipped below 1 - clip_low (arXiv 1707.06347: 0.2)"),
  clip_high: z
    .number()
    .gt(0)
    .default(0.2)
    .describe("the ratio is clipped above 1 + clip_high (arXiv 1707.06347: 0.2)"),
  kl_coefficient: z
    .number()
    .min(0)
    .default(0.01)
    .describe(
      "weight of the KL to the starting policy; 0 needs no reference forward (verl-agent: 0.01)",
    ),
  kl_estimator: z
    .enum(["k1", "k2", "k3"])
    .default("k3")
    .describe("with d = ln ref - ln pi: k1 = -d, k2 = d^2/2, k3 = e^d - d - 1 (verl-agent: k3)"),
  uniform_groups: z
    .enum(["keep", "drop"])
    .default("keep")
    .describe(
      "groups whose returns are all equal: they teach only through EMPG's bonus; drop leaves them out before any statistics",
    ),
  loss_aggregation: z
    .enum(["token-mean", "seq-mean-token-sum", "seq-mean-token-mean"])
    .default("token-mean")
    .describe("how token losses become one number; a sequence is a trajectory (verl: token-mean)"),
});
export type GrpoConfig = z.output<typeof GrpoConfig>;
