/**
 * `method = "ppo"`: proximal policy optimization (arXiv 1707.06347) with a critic. A by GAE over the turns of an episode
 * or over its sampled tokens, whitened over all of them; what the critic should have said is A + V before that.
 *
 * Decisions:
 *  1. tokens that were not sampled, and turns without tokens, take no part: the scan passes over them (verl)
 *  2. a turn's reward arrives at its last token
 *  3. the last turn takes what return and rewards differ by, so that what was subtracted from the return counts
 *  4. where rows are steps (dialect "verl-agent") each is estimated by itself and earns the episode's return, less what it cost itself
 *  5. over turns V is the value before a turn's first token, and all its tokens share one A
 */

import { z } from "zod";
import { invariant } from "../core/errors.ts";
import { DIALECTS, type RowMeaning } from "./dialect.ts";
import { type Advantages, type EpisodeOutcome, stepReturns } from "./episode-outcome.ts";
import { generalizedAdvantages, type Valued, whitened } from "./gae.ts";
import { groupKeys, lossKeys, overlongKeys } from "./method-keys.ts";

export const PpoConfig = z.strictObject({
  method: z.literal("ppo"),
  gae: z
    .enum(["turn", "token"])
    .default("turn")
    .describe("what the critic values and advantages are estimated over (verl: token)"),
  gamma: z.number().min(0).max(1).default(1).describe("discount of the next value (verl: 1)"),
  lambda: z
    .number()
    .min(0)
    .max(1)
    .default(0.95)
    .describe("0 trusts the critic, 1 the returns (arXiv 1506.02438, agents: 0.95)"),
  value_coefficient: z
    .number()
    .min(0)
    .default(0.5)
    .describe("weight of the critic's loss beside the policy's (arXiv 1707.06347: 0.5 to 1)"),
  value_clip: z
    .number()
    .gt(0)
    .max(1e6)
    .default(0.5)
    .describe("a value may move so far in an update; 1e6 clips nothing (verl: 0.5)"),
  value_learning_rate: z
    .number()
    .gt(0)
    .optional()
    .describe(
      "AdamW of the value head, at its highest; absent: ten times optimizer.learning_rate (verl: 1e-5 beside 1e-6)",
    ),
  ...lossKeys({ clip_low: 0.2, clip_high: 0.2, kl_coefficient: 0.01 }),
  ...groupKeys({ uniform_groups: "keep" }),
  ...overlongKeys({ overlong_penalty: 0 }),
});
export type PpoConfig = z.output<typeof PpoConfig>;

/** @param episodes whose steps have a value for each token; over turns the first of a step counts */
export function ppo(
  episodes: readonly EpisodeOutcome[],
  config: Pick<PpoConfig, "gae" | "gamma" | "lambda" | "dialect">,
): Advantages {
  const byTurn = config.gae === "turn";
  const { row } = DIALECTS[config.dialect];
  const valued = episodes.map((episode) => valuedSteps(episode, byTurn, row));
  const raw = valued.map((steps) =>
    row === "episode"
      ? generalizedAdvantages(steps.flat(), config)
      : steps.flatMap((step) => generalizedAdvantages(step, config)),
  );
  const values = valued.map((steps) => steps.flat().map(({ value }) => value));
  const returns = raw.map((own, i) => own.map((advantage, t) => advantage + values[i]![t]!));
  const white = whitened(raw.flat());
  const starts = runningStarts(raw.map(({ length }) => length));
  const tokens = valued.map((steps, i) => cut(white.slice(starts[i], starts[i + 1]), steps));
  return {
    steps: tokens.map((steps) => steps.map(mean)),
    ...(byTurn ? {} : { tokens }),
    returns: valued.map((steps, i) => cut(returns[i]!, steps)),
  };
}

/** For each step its tokens' values and rewards, or the turn's one; none where the step is empty. */
function valuedSteps(episode: EpisodeOutcome, byTurn: boolean, row: RowMeaning): Valued[][] {
  const { return: total, steps } = episode;
  const ofRows = stepReturns(episode);
  const sampled = steps.filter(({ tokens }) => tokens > 0);
  const rest = total - sampled.reduce((sum, { reward }) => sum + reward, 0);
  const last = sampled.at(-1);
  return steps.map((step, t) => {
    const { tokens, values = [] } = step;
    const own = values.slice(0, byTurn ? Math.min(tokens, 1) : tokens);
    invariant(own.length === (byTurn ? Math.min(tokens, 1) : tokens), "a token without a value");
    const reward = row === "step" ? ofRows[t]! : step.reward + (step === last ? rest : 0);
    return own.map((value, j) => ({ value, reward: j === own.length - 1 ? reward : 0 }));
  });
}

/** Numbers of an episode → those of each step. */
function cut(numbers: readonly number[], steps: readonly (readonly unknown[])[]): number[][] {
  const starts = runningStarts(steps.map(({ length }) => length));
  return steps.map((_, t) => numbers.slice(starts[t], starts[t + 1]));
}

function runningStarts(lengths: readonly number[]): number[] {
  const starts = [0];
  for (const length of lengths) starts.push(starts.at(-1)! + length);
  return starts;
}

/** 0 for an empty step, which nobody reads. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
}
