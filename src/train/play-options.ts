import { UserError } from "../core/errors.ts";
import type { ModelConfig } from "../model/config.ts";
import { LORA_TARGETS, type LoraConfig } from "../model/lora.ts";
import type { RunConfig } from "./config.ts";
import type { PlayOptions } from "./policy.ts";
import { trainerSize } from "./updater.ts";

/** The most episodes that an evaluation runs side by side. */
const EVALUATION_ROWS = 160;

/** How the policy of a run plays, in rollouts and evaluations alike. */
export function playOptions(config: RunConfig): PlayOptions {
  const { env, rollout, eval: evaluation } = config;
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
    longest: trainerSize(config).capacity,
    rows: rollout.rows ?? Math.max(together, Math.min(evaluation.episodes, EVALUATION_ROWS)),
  };
}

/** What of a model decides how it is trained: its shape, and the adapter that comes with it. */
export interface TrainedModel {
  readonly config: ModelConfig;
  readonly adapter?: { readonly config: LoraConfig };
}

/**
 * The adapter that is trained: the model's own, or the one that the configuration asks for.
 * @throws UserError where both are there and differ
 */
export function loraOf(
  { model: { path, lora } }: RunConfig,
  { adapter }: Pick<TrainedModel, "adapter">,
): LoraConfig | undefined {
  const asked = lora && {
    ...{ rank: lora.rank, alpha: lora.alpha, rankStabilised: lora.rank_stabilised },
    targets: LORA_TARGETS.filter((target) => lora.targets.includes(target)),
  };
  const own = adapter?.config;
  if (own && asked && !Bun.deepEquals(own, asked)) {
    throw new UserError(
      `model.lora: ${path} is an adapter of rank ${own.rank}, alpha ${own.alpha}, targets ${own.targets.join(", ")}; the configuration asks for another`,
      "leave model.lora out, or name the base model in model.path",
    );
  }
  return own ?? asked;
}
