/** `[train.collapse]`: when a policy counts as collapsing, and how a run goes back. `collapse.ts` has the definitions. */

import { z } from "zod";

/**
 * Defaults: no signal in the 116 runs under bench/results (3,306 iterations), nor in eight of 2 to 8 tasks (940, in 150 of
 * which KL was measured); valid-actions in the twelfth iteration of one whose rate was ten times the demo's.
 */
export const CollapseConfig = z.strictObject({
  window: z
    .int()
    .min(1)
    .default(10)
    .describe("iterations within which a rate has to fall to count as falling"),
  smoothing: z
    .int()
    .min(1)
    .default(8)
    .describe("iterations that rates are averaged over; fewer, and chance looks like a fall"),
  patience: z
    .int()
    .min(1)
    .default(2)
    .describe("iterations in a row past a limit that make a signal"),
  success_drop: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe("success-drop: success loses more than this share of its best; 1: never"),
  valid_drop: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe(
      "valid-actions: the share of valid actions loses more than this of its best; 1: never",
    ),
  kl_multiple: z
    .number()
    .gt(1)
    .default(10)
    .describe(
      "kl: beyond so many times its running median; to the starting policy, or without KL term to the one that sampled",
    ),
  grad_norm_multiple: z
    .number()
    .gt(1)
    .default(10)
    .describe("grad-norm: beyond so many times its running median, and optimizer.max_grad_norm"),
  entropy_floor: z
    .number()
    .min(0)
    .default(0.01)
    .describe("entropy-floor: mean step entropy below this, in nats; 0: never"),
  entropy_multiple: z
    .number()
    .gt(1)
    .default(3)
    .describe("entropy-explosion: beyond so many times its running median, or the run's beginning"),
  response_share: z
    .number()
    .gt(0)
    .default(0.9)
    .describe(
      "response-length: tokens per turn grow to this share of rollout.max_tokens_per_turn; above 1: never",
    ),
  rate_factor: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe("rollback: the learning rate is multiplied by this from there on"),
  max_rollbacks: z
    .int()
    .min(1)
    .default(3)
    .describe("rollback: after so many the next signal stops the run with exit code 3"),
});
export type CollapseConfig = z.output<typeof CollapseConfig>;
