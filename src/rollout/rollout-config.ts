/** `[env]` and `[rollout]`: which world the agent acts in, and how its episodes are collected. */

import { z } from "zod";
import {
  USUAL_DEFAULTS,
  USUAL_TIMEOUT_MS,
  USUAL_WORLD,
  usualTokensText,
  usualTurnsText,
} from "../env/usual.ts";

export const EnvConfig = z.strictObject({
  name: z.string().min(1).default(USUAL_WORLD).describe("which world; `empg envs` lists them"),
  data: z
    .string()
    .min(1)
    .optional()
    .describe("the world's data directory; absent: the data inside the executable"),
  split: z.string().min(1).default("train").describe("the tasks that are trained on"),
  max_turns: z
    .int()
    .min(1)
    .default(USUAL_DEFAULTS.turns)
    .describe(`turns after which an episode is cut off (absent: ${usualTurnsText()})`),
  invalid_action_penalty: z
    .number()
    .min(0)
    .default(0)
    .describe("subtracted from the return for each invalid action (verl-agent: 0.1)"),
  timeout_ms: z
    .int()
    .min(1)
    .default(USUAL_TIMEOUT_MS)
    .describe("a world that answers later has a fault: its episode is masked, not scored"),
  option: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({})
    .describe("switches of the world; `empg envs ENV` lists them"),
});
export type EnvConfig = z.output<typeof EnvConfig>;

export const RolloutConfig = z.strictObject({
  tasks_per_iteration: z
    .int()
    .min(1)
    .default(8)
    .describe("groups per iteration (published runs of billions of parameters: 16)"),
  group_size: z
    .int()
    .min(1)
    .default(8)
    .describe("episodes per task, compared with one another (paper: 8)"),
  temperature: z
    .number()
    .min(1e-3)
    .default(1)
    .describe("divides the logits before sampling; entropies are of that distribution (paper: 1)"),
  top_p: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe(
      "sample from the smallest set of tokens with this probability; 1 is the policy itself",
    ),
  top_k: z
    .int()
    .min(0)
    .default(0)
    .describe("sample from so many most likely tokens, before top_p; 0 is the policy itself"),
  max_tokens_per_turn: z
    .int()
    .min(1)
    .default(USUAL_DEFAULTS.tokens.compact)
    .describe(`a longer turn is cut off (absent: ${usualTokensText()})`),
  rows: z
    .int()
    .min(1)
    .optional()
    .describe("episodes side by side; absent: an iteration's, or an evaluation's up to 160"),
  history: z
    .union([z.literal("full"), z.int().min(0)])
    .default("full")
    .describe("past turns the policy sees: every turn in one context, or a number (verl-agent: 2)"),
  stop: z
    .array(z.string().min(1))
    .optional()
    .describe("texts that end a turn and stay in it; absent: those of the world's format"),
});
export type RolloutConfig = z.output<typeof RolloutConfig>;
