import type { LoraConfig } from "../model/lora.ts";
import type { RunConfig } from "./config.ts";
import type { PlayOptions } from "./policy.ts";
import { trainerSize } from "./updater.ts";

/** The most episodes that an evaluation runs side by side. */
const EVALUATION_ROWS = 160;

/** How the policy of a run plays, in rollouts and evaluations alike. */
export function playOptions({ env, rollout, eval: evaluation, train }: RunConfig): PlayOptions {
  const { tasks_per_iteration, group_size, max_tokens_per_turn, history, stop } = rollout;
  const together = tasks_per_iteration * group_size;
  return {
    maxTurns: env.max_turns,
    maxTokensPerTurn: max_tokens_per_turn,
    history,
    stop,
    invalidActionPenalty: env.invalid_action_penalty,
    timeoutMs: env.timeout_ms,
    // A longer context could not be trained on.
    longest: trainerSize(train).capacity,
    rows: rollout.rows ?? Math.max(together, Math.min(evaluation.episodes, EVALUATION_ROWS)),
  };
}

/** The adapter that a configuration asks for. */
export function loraOf({ model: { lora } }: RunConfig): LoraConfig | undefined {
  return lora && { ...lora, rankStabilised: lora.rank_stabilised };
}
