import { retryMeans } from "../rollout/retries.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { scoresOf } from "./by-kind.ts";
import type { CollectedGroups } from "./groups.ts";
import type { IterationReport } from "./iteration.ts";

/** A line of metrics.jsonl, in the order it is written. */
export type MetricsRow = Readonly<Record<string, number>>;

/** How long the parts of an iteration took, and what the device held. */
export interface Costs {
  readonly rolloutMs: number;
  /** Of the update: advantages and their modulation. */
  readonly creditMs: number;
  readonly updateMs: number;
  /** Of both: recording and submitting commands, the host's own share. */
  readonly encodeMs: number;
  readonly memoryBytes: number;
  readonly residentBytes: number;
}

/**
 * What was measured of one iteration, times and memory aside: the same in every run of a seed.
 * @param tokensBefore generated in earlier iterations
 */
export function measure(
  iteration: number,
  { trajectories, retries, tokensDrawn, redraws }: CollectedGroups,
  { modulation, updates, learningRate, firstLogProbGap, groupsUsed, ...report }: IterationReport,
  tokensBefore: number,
): MetricsRow {
  const sound = ({ end }: Trajectory) => end !== "fault";
  const { critic } = report;
  const played = trajectories.filter(sound);
  const counts = retries.filter((_, i) => sound(trajectories[i]!));
  const steps = played.flatMap((trajectory) => trajectory.steps);
  const returns = played.map((trajectory) => trajectory.return);
  const groups = new Set(trajectories.map(({ group }) => group)).size;
  const perUpdate = (pick: (update: (typeof updates)[number]) => number) => mean(updates.map(pick));
  const most = (pick: (update: (typeof updates)[number]) => number) =>
    updates.reduce((largest, update) => Math.max(largest, pick(update)), 0);
  const policyLoss = perUpdate(({ policyLoss }) => policyLoss);
  const klLoss = perUpdate(({ klLoss }) => klLoss);
  const entropyLoss = perUpdate(({ entropyLoss }) => entropyLoss);
  const valueLoss = perUpdate(({ valueLoss }) => valueLoss);
  const row = {
    iteration,
    episodes: played.length,
    reward_mean: mean(returns),
    success_rate: mean(played.map(({ success }) => (success ? 1 : 0))),
    return_std: deviation(returns),
    turns_mean: mean(played.map((trajectory) => trajectory.steps.length)),
    response_tokens_mean: mean(steps.map(({ tokens }) => tokens.length)),
    tokens_generated: tokensDrawn,
    tokens_total: tokensBefore + tokensDrawn,
    entropy_mean: modulation.entropyMean,
    entropy_min: modulation.entropyMin,
    entropy_max: modulation.entropyMax,
    scale_min: modulation.scaleMin,
    scale_max: modulation.scaleMax,
    normalized_entropy_p95: report.normalizedEntropyP95,
    clarity_mean: modulation.clarityMean,
    advantage_abs_mean: modulation.advantageAbsMean,
    loss: policyLoss + klLoss + entropyLoss + (critic ? critic.coefficient * valueLoss : 0),
    policy_loss: policyLoss,
    kl_loss: klLoss,
    entropy_loss: entropyLoss,
    kl: perUpdate(({ klMean }) => klMean),
    update_kl: perUpdate(({ updateKl }) => updateKl),
    clip_fraction: perUpdate(({ clipFraction }) => clipFraction),
    ratio_max: most(({ ratioMax }) => ratioMax),
    grad_norm: perUpdate(({ gradNorm }) => gradNorm),
    learning_rate: learningRate,
    invalid_action_rate: mean(steps.map(({ valid }) => (valid ? 0 : 1))),
    repeated_action_rate:
      counts.reduce((sum, { repeated }) => sum + repeated, 0) / Math.max(steps.length, 1),
    ...retryMeans(counts),
    ...toldMeans(played),
    groups_used: groupsUsed,
    groups_dropped: groups - groupsUsed,
    redraw_rounds: redraws,
    environment_faults: trajectories.length - played.length,
    updates_skipped: updates.filter(({ applied }) => !applied).length,
    logprob_gap_max: firstLogProbGap,
    ...(critic && {
      value_loss: valueLoss,
      values_mean: critic.valuesMean,
      explained_variance: critic.explainedVariance,
    }),
  };
  return groupsUsed > 0 ? row : withoutUpdate(row);
}

/** What is found out in learning, and has no number where no group teaches anything. */
const OF_UPDATES: ReadonlySet<string> = new Set([
  ...["entropy_mean", "entropy_min", "entropy_max", "scale_min", "scale_max"],
  ...["normalized_entropy_p95", "clarity_mean", "advantage_abs_mean"],
  ...["loss", "policy_loss", "kl_loss", "entropy_loss", "value_loss", "kl", "update_kl"],
  ...["clip_fraction", "ratio_max", "grad_norm", "logprob_gap_max"],
  ...["values_mean", "explained_variance"],
]);

/** NaN, which JSON writes as null: 0 would be an entropy that vanished. */
function withoutUpdate(row: MetricsRow): MetricsRow {
  const entries = Object.entries(row);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, OF_UPDATES.has(key) ? Number.NaN : value]),
  );
}

/** Means of what the world tells of its episodes, each over those that have it: `env_` and its name. */
function toldMeans(played: readonly Trajectory[]): MetricsRow {
  const figures = Object.entries(scoresOf(played).scores ?? {});
  return Object.fromEntries(figures.map(([name, { mean }]) => [`env_${name}`, mean]));
}

/** A whole line. Times, speed and memory stand last: all else is the same in every run of a seed. */
export function metricsRow(
  measured: MetricsRow,
  collapseSignals: number,
  { rolloutMs, creditMs, updateMs, encodeMs, memoryBytes, residentBytes }: Costs,
): MetricsRow {
  const tokens = measured.tokens_generated!;
  return {
    ...measured,
    collapse_signals: collapseSignals,
    time_rollout_ms: Math.round(rolloutMs),
    time_update_ms: Math.round(updateMs),
    time_advantages_ms: Math.round(creditMs),
    time_encode_ms: Math.round(encodeMs),
    tokens_per_second: Math.round((1000 * tokens) / Math.max(rolloutMs + updateMs, 1)),
    memory_bytes: memoryBytes,
    resident_bytes: residentBytes,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / Math.max(values.length, 1);
}

function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}
