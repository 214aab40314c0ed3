/** Soft overlong punishment, section 3.4 of DAPO (arXiv 2503.14476). */
export interface OverlongOptions {
  /** What it costs to be as long as `max`. */
  readonly penalty: number;
  /** Tokens before the limit over which the cost grows from 0 to `penalty`. */
  readonly buffer: number;
  /** The limit, in sampled tokens. */
  readonly max: number;
  /** The cost ends at `penalty`, as in the paper; its published implementations let it grow past max. */
  readonly ends: boolean;
}

/** What `length` tokens cost: 0 up to max − buffer, then rising evenly to `penalty` at max; past that as `ends` says. */
export function overlongPenalty(
  length: number,
  { penalty, buffer, max, ends }: OverlongOptions,
): number {
  const beyond = Math.max((length - (max - buffer)) / buffer, 0);
  return penalty * (ends ? Math.min(beyond, 1) : beyond);
}
