/** `[optimizer]`'s learning rate over a run. */
export interface Schedule {
  readonly learning_rate: number;
  readonly schedule: "constant" | "linear" | "cosine";
  readonly warmup_updates: number;
  readonly final_fraction: number;
}

/** The rate of update `update` (from 1) of `total`: a linear rise, then the schedule's fall to final_fraction. */
export function learningRate(
  { learning_rate, schedule, warmup_updates, final_fraction }: Schedule,
  update: number,
  total: number,
): number {
  if (update <= warmup_updates) return (learning_rate * update) / warmup_updates;
  if (schedule === "constant") return learning_rate;
  const progress = (update - warmup_updates) / Math.max(total - warmup_updates, 1);
  const left = schedule === "linear" ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
  return learning_rate * (final_fraction + (1 - final_fraction) * Math.max(left, 0));
}
