/** Curves of training: each arm's mean over its runs, and the span from the lowest run to the highest. */

import type { Arm } from "./arms.ts";
import { flatten } from "./config-text.ts";
import { meanOf, successCurve } from "./run-facts.ts";
import type { RunFiles } from "./run-files.ts";
import type { MetricsRecord } from "./run-records.ts";

export interface Curve {
  readonly x: readonly number[];
  /** How many runs each mean is of: those that came so far and wrote it down. */
  readonly runs: readonly number[];
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface CurveChart {
  readonly title: string;
  readonly unit: string;
  readonly over: "iteration" | "tokens";
  /** Few points, each measured by itself: never smoothed. */
  readonly sparse: boolean;
  /** One per arm; empty where its runs did not write it down. */
  readonly arms: readonly Curve[];
}

type Pick = (row: MetricsRecord) => number | undefined;
type Point = readonly [x: number, value: number];

const KL = "KL to the reference";

const TRAINING: readonly (readonly [string, string, Pick])[] = [
  [
    "Success in training",
    "%",
    ({ success_rate: rate }) => (rate === undefined ? rate : 100 * rate),
  ],
  ["Reward", "per episode", ({ reward_mean }) => reward_mean],
  ["Step entropy H", "nats, mean", ({ entropy_mean }) => entropy_mean],
  [
    "Normalized entropy h",
    "95th percentile",
    ({ normalized_entropy_p95 }) => normalized_entropy_p95,
  ],
  [KL, "nats", ({ kl }) => kl],
  ["KL of an iteration's updates", "nats", ({ update_kl }) => update_kl],
  ["Gradient norm", "before clipping", ({ grad_norm }) => grad_norm],
  ["Clip fraction", "of tokens", ({ clip_fraction }) => clip_fraction],
  ["Invalid actions", "of steps", ({ invalid_action_rate }) => invalid_action_rate],
  ["Repeated actions", "of steps", ({ repeated_action_rate }) => repeated_action_rate],
  ["Turns", "per episode", ({ turns_mean }) => turns_mean],
  ["Response length", "tokens per step", ({ response_tokens_mean }) => response_tokens_mean],
  ["Speed", "tokens per second", ({ tokens_per_second }) => tokens_per_second],
];

/** Charts that at least one arm has figures for. */
export function curveCharts(arms: readonly Arm[]): CurveChart[] {
  const training = TRAINING.map(([title, unit, pick]): CurveChart => {
    const points = (files: RunFiles) =>
      title === KL && !measuresKl(files) ? [] : picked(files, pick);
    const curves = arms.map((arm) => curveOf(pointsOf(arm, points)));
    return { title, unit, over: "iteration", sparse: false, arms: curves };
  });
  return [evaluationChart(arms), ...training].filter((chart) =>
    chart.arms.some(({ x }) => x.length > 0),
  );
}

/**
 * Success over generated tokens, which runs of one budget have in common: the iteration that ends it is another in each. Between
 * two evaluations a run is taken to lie on the straight line.
 */
function evaluationChart(arms: readonly Arm[]): CurveChart {
  const curves = arms.map((arm) =>
    pointsOf(arm, ({ metrics, evaluations }) =>
      successCurve(metrics, evaluations).map(({ tokens, success }) => [tokens, 100 * success]),
    ),
  );
  return {
    ...{ title: "Success at evaluations", unit: "%", over: "tokens", sparse: true },
    arms: curves.map((runs) => {
      const places = runs.flatMap((points) => points.map(([x]) => x));
      // Where the budget ends, run after run drops out: the mean of a few that are left would seem a trend.
      const most = Math.max(...places.map((place) => covering(runs, place)));
      const shared = new Set(places.filter((place) => 2 * covering(runs, place) >= most));
      return curveOf(runs.map((points) => interpolated(points, shared)));
    }),
  };
}

/** How many runs begin before a place and end after it. */
function covering(runs: readonly (readonly Point[])[], place: number): number {
  return runs.filter((points) => interpolated(points, [place]).length > 0).length;
}

/** Where KL is no part of the loss nobody computes it, and 0 is written down. */
function measuresKl({ config }: RunFiles): boolean {
  return flatten(config).get("algorithm.kl_coefficient") !== 0;
}

function picked({ metrics }: RunFiles, pick: Pick): Point[] {
  return metrics.flatMap((row) => {
    const value = pick(row);
    return value === undefined ? [] : [[row.iteration, value] as const];
  });
}

function pointsOf({ runs }: Arm, points: (files: RunFiles) => Point[]): Point[][] {
  return runs.flatMap(({ files }) => (files ? [points(files)] : []));
}

/** A run's values at those of the places that lie between its first point and its last. */
export function interpolated(points: readonly Point[], places: Iterable<number>): Point[] {
  return [...places].flatMap((place): Point[] => {
    const after = points.findIndex(([x]) => x >= place);
    if (after < 0) return [];
    const [x, value] = points[after]!;
    if (x === place) return [[place, value]];
    const before = points[after - 1];
    if (!before) return [];
    const share = (place - before[0]) / (x - before[0]);
    return [[place, before[1] + share * (value - before[1])]];
  });
}

function curveOf(runs: readonly (readonly Point[])[]): Curve {
  const values = Map.groupBy(runs.flat(), ([x]) => x);
  const ordered = [...values].sort(([a], [b]) => a - b);
  const all = ordered.map(([, points]) => points.map(([, value]) => value));
  return {
    x: ordered.map(([x]) => x),
    runs: all.map(({ length }) => length),
    mean: all.map((there) => short(meanOf(there)!)),
    low: all.map((there) => short(Math.min(...there))),
    high: all.map((there) => short(Math.max(...there))),
  };
}

/** Five significant digits are more than a chart shows, and a third of the bytes. */
export function short(value: number): number {
  return Number(value.toPrecision(5));
}
