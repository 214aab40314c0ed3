/** What one run amounts to, in the numbers of the comparison table. */

import type { ArmRun } from "./arms.ts";
import { endOf, endRules, tokensMeasured, tokensSpent } from "./run-end.ts";
import type { RunFiles } from "./run-files.ts";
import type { EvaluationRecord, MetricsRecord } from "./run-records.ts";

/**
 * `done`: it trained as long as it was to. `stopped`: a sign of collapse ended it. `unfinished`: it has
 * further to go, be it the evaluation of its end. `missing`: it has not begun.
 */
export type RunState = "done" | "stopped" | "unfinished" | "missing";

/** Per episode; undefined where the run did not write it down. */
export interface Retries {
  readonly repeated: number | undefined;
  readonly invalid: number | undefined;
  readonly dead_ends: number | undefined;
}

/** A point of the success curve. */
export interface SuccessPoint {
  readonly iteration: number;
  /** Tokens generated in training until then. */
  readonly tokens: number;
  readonly success: number;
}

export interface RunFacts {
  readonly seed: number;
  readonly path: string;
  readonly state: RunState;
  readonly iterations: number;
  readonly tokens: number;
  /** Before any training; undefined where its line was lost. */
  readonly first: EvaluationRecord | undefined;
  readonly last: EvaluationRecord | undefined;
  /** Iterations that were done and have no line of metrics. */
  readonly lostIterations: number;
  readonly curve: readonly SuccessPoint[];
  /** Mean height of the success curve over generated tokens; undefined with fewer than two evaluations. */
  readonly area: number | undefined;
  /** The most that success lost against the best evaluation before. */
  readonly largestFall: number | undefined;
  readonly signals: Readonly<Record<string, number>>;
  /** How often it went back to a checkpoint. */
  readonly rollbacks: number;
  /** Of the last ten iterations' rollouts. */
  readonly rolloutRetries: Retries;
  /** Of the last evaluation. */
  readonly evaluationRetries: Retries;
  /** Rollouts and updates; evaluations and checkpoints are not in it. */
  readonly wallMs: number;
}

const LAST_ITERATIONS = 10;
const UNKNOWN: Retries = { repeated: undefined, invalid: undefined, dead_ends: undefined };

export function runFacts({ seed, path, files }: ArmRun, tokenBudget?: number): RunFacts {
  const { metrics, evaluations, signals } = files ?? { metrics: [], evaluations: [], signals: [] };
  const curve = successCurve(metrics, evaluations);
  const last = evaluations.at(-1);
  const ending = metrics.slice(-LAST_ITERATIONS).map(retriesOf);
  const over = (pick: (one: Retries) => number | undefined) => meanOf(ending.map(pick));
  return {
    ...{ seed, path, curve, last },
    state: files === undefined ? "missing" : stateOf(files, tokenBudget),
    iterations: metrics.at(-1)?.iteration ?? 0,
    tokens: tokensSpent({ metrics, signals }),
    first: evaluations.find(({ iteration }) => iteration === 0),
    lostIterations: lostIterations(metrics, last?.iteration ?? 0),
    area: areaUnder(curve),
    largestFall: largestFall(curve),
    signals: countBy(signals.map(({ signal }) => signal)),
    // Several signals of one iteration are answered by one rollback.
    rollbacks: new Set(
      signals.flatMap(({ action, rollbacks = 0, iteration }) =>
        action === "rollback" ? [`${rollbacks} ${iteration}`] : [],
      ),
    ).size,
    rolloutRetries: {
      repeated: over(({ repeated }) => repeated),
      invalid: over(({ invalid }) => invalid),
      dead_ends: over(({ dead_ends }) => dead_ends),
    },
    evaluationRetries: last ? retriesOf(last) : UNKNOWN,
    wallMs: metrics.reduce(
      (sum, row) => sum + (row.time_rollout_ms ?? 0) + (row.time_update_ms ?? 0),
      0,
    ),
  };
}

function stateOf(files: RunFiles, tokenBudget: number | undefined): RunState {
  const { config, beside } = files;
  const evaluations = [...files.evaluations, ...beside];
  return endOf({ ...files, evaluations }, endRules(config, tokenBudget)) ?? "unfinished";
}

function lostIterations(metrics: readonly MetricsRecord[], evaluatedAt: number): number {
  const done = Math.max(metrics.at(-1)?.iteration ?? 0, evaluatedAt);
  return done - metrics.length;
}

/** Tokens generated until an iteration was done. */
function tokensAfter(metrics: readonly MetricsRecord[], iteration: number): number {
  return tokensMeasured(metrics.filter((row) => row.iteration <= iteration));
}

export function successCurve(
  metrics: readonly MetricsRecord[],
  evaluations: readonly EvaluationRecord[],
): SuccessPoint[] {
  return evaluations.map(({ iteration, success_rate }) => ({
    iteration,
    tokens: tokensAfter(metrics, iteration),
    success: success_rate,
  }));
}

/** Trapezoids over generated tokens, divided by the whole width. */
function areaUnder(curve: readonly SuccessPoint[]): number | undefined {
  const [first, last] = [curve[0], curve.at(-1)];
  if (!first || !last || last.tokens <= first.tokens) return undefined;
  let area = 0;
  for (let i = 1; i < curve.length; i++) {
    const [a, b] = [curve[i - 1]!, curve[i]!];
    area += ((b.tokens - a.tokens) * (a.success + b.success)) / 2;
  }
  return area / (last.tokens - first.tokens);
}

function largestFall(curve: readonly SuccessPoint[]): number | undefined {
  if (curve.length === 0) return undefined;
  let best = Number.NEGATIVE_INFINITY;
  let fall = 0;
  for (const { success } of curve) {
    best = Math.max(best, success);
    fall = Math.max(fall, best - success);
  }
  return fall;
}

/** The first evaluation at which success was at least `target`. */
export function firstAt(curve: readonly SuccessPoint[], target: number): SuccessPoint | undefined {
  return curve.find(({ success }) => success >= target);
}

/** Older runs wrote rates per step: times steps per episode, they are counts per episode. */
function retriesOf(row: MetricsRecord | EvaluationRecord): Retries {
  const { turns_mean: turns, repeated_action_rate, invalid_action_rate } = row;
  const perEpisode = (rate: number | undefined) =>
    rate === undefined || turns === undefined ? undefined : rate * turns;
  return {
    repeated: row.repeated_actions_mean ?? perEpisode(repeated_action_rate),
    invalid: row.invalid_actions_mean ?? perEpisode(invalid_action_rate),
    dead_ends: row.dead_ends_mean,
  };
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** Of the values that are there; undefined where none is. */
export function meanOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((a, b) => a + b, 0) / known.length;
}
