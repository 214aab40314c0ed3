/** Curves over iterations: each arm's mean over its runs, and the span from the lowest run to the highest. */

import type { Arm } from "./arms.ts";
import { meanOf } from "./run-facts.ts";
import type { RunFiles } from "./run-files.ts";
import type { MetricsRecord } from "./run-records.ts";

export interface Curve {
  readonly iteration: readonly number[];
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface CurveChart {
  readonly title: string;
  readonly unit: string;
  /** Few points, each measured by itself: drawn with marks, never smoothed. */
  readonly sparse: boolean;
  /** One per arm; empty where its runs did not write it down. */
  readonly arms: readonly Curve[];
}

type Pick = (row: MetricsRecord) => number | undefined;

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
  ["KL to the reference", "nats; 0 where it is no part of the loss", ({ kl }) => kl],
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
  const evaluated: CurveChart = {
    title: "Success at evaluations",
    unit: "%",
    sparse: true,
    arms: arms.map((arm) =>
      curveOf(arm, ({ evaluations }) =>
        evaluations.map(({ iteration, success_rate }) => [iteration, 100 * success_rate]),
      ),
    ),
  };
  const training = TRAINING.map(([title, unit, pick]): CurveChart => {
    const points = ({ metrics }: RunFiles) =>
      metrics.map((row) => [row.iteration, pick(row)] as const);
    return { title, unit, sparse: false, arms: arms.map((arm) => curveOf(arm, points)) };
  });
  return [evaluated, ...training].filter((chart) =>
    chart.arms.some(({ iteration }) => iteration.length > 0),
  );
}

function curveOf(
  { runs }: Arm,
  pointsOf: (files: RunFiles) => readonly (readonly [number, number | undefined])[],
): Curve {
  const values = new Map<number, number[]>();
  for (const { files } of runs) {
    for (const [iteration, value] of files ? pointsOf(files) : []) {
      if (value === undefined) continue;
      const there = values.get(iteration);
      if (there) there.push(value);
      else values.set(iteration, [value]);
    }
  }
  const ordered = [...values].sort(([a], [b]) => a - b);
  return {
    iteration: ordered.map(([iteration]) => iteration),
    mean: ordered.map(([, all]) => short(meanOf(all)!)),
    low: ordered.map(([, all]) => short(Math.min(...all))),
    high: ordered.map(([, all]) => short(Math.max(...all))),
  };
}

/** Five significant digits are more than a chart shows, and a third of the bytes. */
export function short(value: number): number {
  return Number(value.toPrecision(5));
}
