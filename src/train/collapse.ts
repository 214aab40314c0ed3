/**
 * When a policy counts as collapsing: rows of metrics.jsonl in, signals out. With x̄ the mean of a rate over the last
 * `smoothing` iterations (of those there are, where the run is younger) and "ordinary" the median of the 20 iterations before:
 *
 *   success-drop        x̄ of the success rate below (1 − success_drop) of its best in the last `window` iterations
 *   valid-actions       x̄ of the share of valid actions likewise, with valid_drop
 *   kl                  KL to the starting policy where it is measured, else to the policy that sampled, beyond
 *                       kl_multiple times the ordinary one, twice the 90th percentile, and 0.01 nats; beyond 1 nat
 *                       where nothing says what is ordinary: three iterations do, unless most have none
 *   grad-norm           beyond grad_norm_multiple times the ordinary one, twice the 90th percentile, and max_grad_norm
 *   entropy-floor       mean step entropy below entropy_floor nats
 *   entropy-explosion   mean step entropy beyond entropy_multiple times the ordinary one, or that of the run's first
 *                       five iterations; of its first, while fewer than three say what is ordinary
 *   response-length     tokens per turn from response_share of the limit on, in a run whose first five iterations were
 *                       below that, or whose first was below half of it
 *   not-finite          max_skipped_updates updates in a row with a NaN or infinity, or weights or logits with one
 *
 * All but the last are guesses about numbers that scatter, so each has to hold for `patience` iterations in a row,
 * and a fall of x̄ has to exceed four standard errors of the difference: with a few tasks per iteration, rates go up and
 * down by what the tasks are. An iteration without an update has no KL, gradient or entropy, and is passed over. What the
 * first iteration plays with are the weights that the run began with: it alone already says what entropy and length were.
 */
import type { CollapseConfig } from "./collapse-config.ts";
import { type Excess, fall, SUCCESS, VALID } from "./falling-rate.ts";
import type { MetricsRow } from "./metrics.ts";
import { beyond, measured, median, ordinary } from "./ordinary.ts";

export type SignalName =
  | "success-drop"
  | "kl"
  | "grad-norm"
  | "entropy-floor"
  | "entropy-explosion"
  | "valid-actions"
  | "response-length"
  | "not-finite";

export interface Signal {
  readonly signal: SignalName;
  /** What was measured and what it had to stay within; null where weights or logits are no numbers. */
  readonly value: number | null;
  readonly limit: number | null;
  /**
   * The first iteration after which the weights are suspect. An iteration plays with the weights that the one before
   * left, so that is the one before the first that shows anything.
   */
  readonly since: number;
  /** It was not there an iteration ago. */
  readonly fresh: boolean;
}

/** What a run's own settings say of the limits. */
export interface CollapseOptions extends CollapseConfig {
  /** KL to the starting policy is part of the loss, and so measured. */
  readonly klMeasured: boolean;
  readonly maxGradNorm: number;
  readonly maxTokensPerTurn: number;
}

type Rule = (
  rows: readonly MetricsRow[],
  at: number,
  options: CollapseOptions,
) => Excess | undefined;

/** Iterations that a run began with. */
const BEGINNING = 5;
/** Tasks whose mean entropy one iteration is enough to know. */
const LEAST_GROUPS = 4;
/** A policy that moved less has not moved; one that moved more is another one, where nothing says what is ordinary (nats). */
const KL = { small: 0.01, large: 1 };

const RULES: Readonly<Record<Exclude<SignalName, "not-finite">, Rule>> = {
  "success-drop": (rows, at, options) => fall(rows, at, SUCCESS, options.success_drop, options),
  kl: (rows, at, { klMeasured, kl_multiple }) => {
    const key = klMeasured ? "kl" : "update_kl";
    const value = measured(rows[at], key);
    const isOrdinary = ordinary(rows, at, key) > 0;
    if (!isOrdinary && value > KL.large) return { value, limit: KL.large };
    return beyond(rows, at, key, kl_multiple, KL.small);
  },
  "grad-norm": (rows, at, { grad_norm_multiple, maxGradNorm }) =>
    beyond(rows, at, "grad_norm", grad_norm_multiple, maxGradNorm),
  "entropy-floor": (rows, at, { entropy_floor }) => {
    const value = measured(rows[at], "entropy_mean");
    return value < entropy_floor ? { value, limit: entropy_floor } : undefined;
  },
  "entropy-explosion": (rows, at, { entropy_multiple }) => {
    const value = measured(rows[at], "entropy_mean");
    const begun = rows.filter((row) => Number.isFinite(measured(row, "entropy_mean")));
    const first = median(begun.slice(0, BEGINNING).map((row) => row.entropy_mean!));
    const usual = Math.min(ordinary(rows, at, "entropy_mean"), first);
    const limit = entropy_multiple * (usual > 0 ? usual : firstEntropy(begun));
    return value > limit ? { value, limit } : undefined;
  },
  "valid-actions": (rows, at, options) => fall(rows, at, VALID, options.valid_drop, options),
  "response-length": (rows, at, { response_share, maxTokensPerTurn }) => {
    const limit = response_share * maxTokensPerTurn;
    const length = (row: MetricsRow) =>
      row.turns_mean! > 0 ? row.response_tokens_mean : undefined;
    const begun = rows.slice(0, BEGINNING).flatMap((row) => length(row) ?? []);
    const hasRoom = median(begun) < limit || begun[0]! < limit / 2;
    const value = length(rows[at]!) ?? Number.NaN;
    return hasRoom && value >= limit ? { value, limit } : undefined;
  },
};

/**
 * The signals that hold after the last of `rows`, all but `not-finite`.
 * @param rows of every iteration from the first on; a number that was not finite may be null or NaN
 */
export function collapseSignals(
  rows: readonly MetricsRow[],
  options: CollapseOptions,
): readonly Signal[] {
  const { patience } = options;
  const last = rows.length - 1;
  return Object.entries(RULES).flatMap(([name, rule]) => {
    const now = rule(rows, last, options);
    if (!now) return [];
    // The unbroken run of iterations up to the last, as far back as it decides anything.
    let held = 1;
    let first = now.first ?? last;
    while (held <= patience && held <= last) {
      const earlier = rule(rows, last - held, options);
      if (!earlier) break;
      first = earlier.first ?? last - held;
      held++;
    }
    if (held < patience) return [];
    const { value, limit } = now;
    const signal = name as SignalName;
    const since = suspect(rows[first]!);
    return [{ signal, value, limit, since, fresh: held === patience }];
  });
}

/**
 * Several updates in a row that were not finite.
 * @param inARow of them, up to the last row's
 */
export function notFinite(
  rows: readonly MetricsRow[],
  inARow: number,
  limit: number,
): readonly Signal[] {
  if (inARow < limit) return [];
  let first = rows.length - 1;
  let counted = rows[first]!.updates_skipped!;
  while (counted < inARow && first > 0) counted += rows[--first]!.updates_skipped!;
  // The update that broke the weights may have been the last one of the iteration before.
  const since = suspect(rows[first]!);
  return [{ signal: "not-finite", value: inARow, limit, since, fresh: true }];
}

/** From the first row that shows something to the first suspect weights; those that a run began with never are. */
function suspect({ iteration }: MetricsRow): number {
  return Math.max(iteration! - 1, 1);
}

/** H of the first iteration, which a young run is compared with; NaN where too few tasks say what it is. */
function firstEntropy([first]: readonly MetricsRow[]): number {
  const isKnown = first !== undefined && first.groups_used! >= LEAST_GROUPS;
  return isKnown && first.entropy_mean! > 0 ? first.entropy_mean! : Number.NaN;
}
