/** Keys of `[algorithm]` that several methods share; each method says its own defaults. */

import { z } from "zod";
import { DIALECT_NAMES } from "./dialect.ts";

/** Loss-aggregation modes; `loss-weights.ts` says what each means. */
export const LOSS_AGGREGATIONS = [
  "token-mean",
  "token-sum",
  "seq-mean-token-sum",
  "seq-mean-token-mean",
  "seq-mean-token-sum-norm",
] as const;

/** The loss after the advantages are known. */
export function lossKeys(defaults: {
  clip_low?: number;
  clip_high?: number;
  dual_clip?: number;
  kl_coefficient: number;
}) {
  const low = z
    .number()
    .gt(0)
    .max(1)
    .describe("the ratio is clipped below 1 - clip_low (arXiv 1707.06347: 0.2)");
  const high = z
    .number()
    .gt(0)
    .max(1e6)
    .describe("the ratio is clipped above 1 + clip_high (arXiv 1707.06347: 0.2; DAPO: 0.28)");
  return {
    clip_low:
      defaults.clip_low === undefined
        ? low.default(1).describe("the ratio is clipped below 1 - clip_low; 1 clips nothing")
        : low.default(defaults.clip_low),
    clip_high:
      defaults.clip_high === undefined
        ? high.default(1e6).describe("the ratio is clipped above 1 + clip_high; 1e6 clips nothing")
        : high.default(defaults.clip_high),
    dual_clip: z
      .number()
      .refine((value) => value === 0 || value > 1, "0, or a number > 1")
      .default(defaults.dual_clip ?? 0)
      .describe(
        "a negative advantage costs at most so many times itself, whatever the ratio; 0: no bound (arXiv 1912.09729: 3)",
      ),
    kl_coefficient: z
      .number()
      .min(0)
      .default(defaults.kl_coefficient)
      .describe(
        "weight of the KL to the starting policy; 0 needs no reference forward (verl-agent: 0.01)",
      ),
    kl_estimator: z
      .enum(["k1", "k2", "k3"])
      .default("k3")
      .describe("with d = ln ref - ln pi: k1 = -d, k2 = d^2/2, k3 = e^d - d - 1 (verl-agent: k3)"),
    loss_aggregation: z
      .enum(LOSS_AGGREGATIONS)
      .default("token-mean")
      .describe(
        "how token losses become one number; a sequence is a trajectory (verl: token-mean)",
      ),
    loss_norm: z
      .number()
      .gt(0)
      .optional()
      .describe(
        "tokens that seq-mean-token-sum-norm divides by; absent: env.max_turns * rollout.max_tokens_per_turn",
      ),
    entropy_coefficient: z
      .number()
      .min(0)
      .max(1e3)
      .default(0)
      .describe(
        "weight of the tokens' entropy, subtracted from the loss (DAPO: 0; verl-agent: 0.001)",
      ),
    dialect: z
      .enum(DIALECT_NAMES)
      .default("empg")
      .describe(
        "whose rules hold where published trainers differ: rows, limits, empty rows, norms",
      ),
  };
}

/** Which groups are learned from. */
export function groupKeys(defaults: { uniform_groups: "keep" | "drop" | "redraw" }) {
  return {
    uniform_groups: z
      .enum(["keep", "drop", "redraw"])
      .default(defaults.uniform_groups)
      .describe(
        "groups whose episodes all earn the same; drop leaves them out before any statistics, redraw plays other tasks in " +
          "their place as well (DAPO: redraw); what overlong_penalty takes, and what GiGPO's states teach, makes a " +
          "difference for drop and none for redraw",
      ),
    redraw_rounds: z
      .int()
      .min(1)
      .default(10)
      .describe("with uniform_groups = redraw: at most so many further rounds (verl-agent: 10)"),
  };
}

/** Soft overlong punishment (DAPO, arXiv 2503.14476, section 3.4). */
export function overlongKeys(defaults: { overlong_penalty: number }) {
  return {
    overlong_penalty: z
      .number()
      .min(0)
      .default(defaults.overlong_penalty)
      .describe("subtracted from the return for what is as long as it may be; 0: none (DAPO: 1)"),
    overlong_buffer: z
      .int()
      .min(1)
      .optional()
      .describe(
        "tokens before the limit over which the penalty grows from 0; absent: a fifth of the limit (DAPO: 4096 of 20480)",
      ),
    overlong_max: z
      .int()
      .min(1)
      .optional()
      .describe(
        "the limit in tokens; absent: rollout.max_tokens_per_turn, for an episode that * env.max_turns",
      ),
    overlong_of: z
      .enum(["turn", "episode"])
      .default("turn")
      .describe("whose tokens are counted: each turn's, or all of an episode's"),
  };
}
