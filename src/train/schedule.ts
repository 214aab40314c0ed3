/** `[optimizer]`'s learning rate over a run. */
export interface Schedule {
  readonly learning_rate: number;
  readonly schedule: "constant" | "linear" | "cosine";
  readonly warmup_updates: number;
  readonly final_fraction: number;
}

/**
 * The rate of update `update` (from 1) of `total`: a linear rise, then the schedule's fall to final_fraction.
 * @param spent share of a token budget that is used up: where that is further on than the updates, the rate follows it
 */
export function learningRate(
  { learning_rate, schedule, warmup_updates, final_fraction }: Schedule,
  update: number,
  total: number,
  spent = 0,
): number {
  if (update <= warmup_updates) return (learning_rate * update) / warmup_updates;
  if (schedule === "constant") return learning_rate;
  const done = (update - warmup_updates) / Math.max(total - warmup_updates, 1);
  const progress = Math.max(done, spent);
  const left = schedule === "linear" ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
  return learning_rate * (final_fraction + (1 - final_fraction) * Math.max(left, 0));
}
