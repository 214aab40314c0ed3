/** The lines of a run's files, as far as a report reads them; other keys are passed over. */

import { z } from "zod";

/** JSON has no NaN: a number that was none is null, and read as absent. */
const Figure = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);
const Iteration = z.int().min(0);
const Rate = z.number().min(0).max(1);

const RETRIES = {
  repeated_actions_mean: Figure,
  invalid_actions_mean: Figure,
  dead_ends_mean: Figure,
};

export const MetricsRecord = z.object({
  iteration: Iteration,
  reward_mean: Figure,
  success_rate: Figure,
  turns_mean: Figure,
  tokens_generated: Figure,
  tokens_total: Figure,
  response_tokens_mean: Figure,
  entropy_mean: Figure,
  entropy_min: Figure,
  entropy_max: Figure,
  normalized_entropy_p95: Figure,
  scale_min: Figure,
  scale_max: Figure,
  clarity_mean: Figure,
  advantage_abs_mean: Figure,
  loss: Figure,
  kl: Figure,
  update_kl: Figure,
  clip_fraction: Figure,
  grad_norm: Figure,
  learning_rate: Figure,
  invalid_action_rate: Figure,
  repeated_action_rate: Figure,
  ...RETRIES,
  environment_faults: Figure,
  time_rollout_ms: Figure,
  time_update_ms: Figure,
  tokens_per_second: Figure,
});
export type MetricsRecord = z.output<typeof MetricsRecord>;

/** Wins and episodes of one task. */
const TaskResult = z
  .tuple([z.int().min(0), z.int().min(0)])
  .refine(
    ([wins, episodes]) => wins <= episodes,
    "by_task: found more wins than episodes, allowed: [wins, episodes]",
  );

export const EvaluationRecord = z.object({
  iteration: Iteration,
  split: z.string(),
  temperature: z.number().min(0),
  episodes: z.int().min(0),
  success_rate: Rate,
  turns_mean: Figure,
  invalid_action_rate: Figure,
  repeated_action_rate: Figure,
  ...RETRIES,
  tasks_hash: z.string().optional(),
  by_task: z.record(z.string(), TaskResult).optional(),
  beside: z.boolean().optional(),
});
export type EvaluationRecord = z.output<typeof EvaluationRecord>;

/** A line of collapse.jsonl: what a detector of collapse saw, and how the run answered. */
export const SignalRecord = z.object({
  iteration: Iteration,
  signal: z.string().min(1),
  value: z.number().nullish(),
  limit: z.number().nullish(),
  action: z.enum(["warn", "stop", "rollback"]),
  /** How often the run had gone back before. */
  rollbacks: z.int().min(0).optional(),
});
export type SignalRecord = z.output<typeof SignalRecord>;
