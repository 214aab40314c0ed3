/** Soft overlong punishment, section 3.4 of DAPO (arXiv 2503.14476). */
export interface OverlongOptions {
  /** The most that one turn can cost. */
  readonly penalty: number;
  /** Tokens before the limit over which the cost grows from 0 to `penalty`. */
  readonly buffer: number;
  /** The limit, in sampled tokens of a turn. */
  readonly max: number;
}

/**
 * What a turn of `length` tokens costs: 0 up to max − buffer, then rising evenly to `penalty` at max, and no further.
 * @returns a number in [0, penalty]
 */
export function overlongPenalty(length: number, { penalty, buffer, max }: OverlongOptions): number {
  const beyond = (length - (max - buffer)) / buffer;
  return penalty * Math.min(Math.max(beyond, 0), 1);
}
