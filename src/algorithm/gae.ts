/**
 * Generalized advantage estimation (arXiv 1506.02438), over whatever a critic values: tokens, or turns.
 *
 *   δ_t = r_t + γ·V_{t+1} − V_t          A_t = δ_t + γλ·A_{t+1}          V and A behind the last are 0
 */

/** One place that has a value: V before it is acted from, r as its result. */
export interface Valued {
  readonly value: number;
  readonly reward: number;
}

/** A of every place of one episode, in order. */
export function generalizedAdvantages(
  places: readonly Valued[],
  { gamma, lambda }: { readonly gamma: number; readonly lambda: number },
): number[] {
  const advantages = new Array<number>(places.length);
  let advantage = 0;
  let next = 0;
  for (let t = places.length - 1; t >= 0; t--) {
    const { value, reward } = places[t]!;
    advantage = reward + gamma * next - value + gamma * lambda * advantage;
    next = value;
    advantages[t] = advantage;
  }
  return advantages;
}

/** Added to the variance, as verl does. */
const EPSILON = 1e-8;

/** x → (x − mean) / √(variance + 1e-8), the variance with n − 1; 0 where there is a single number. */
export function whitened(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(values.length - 1, 1) + EPSILON);
  return values.map((value) => (value - mean) / deviation);
}
