/**
 * Token entropy and token log-probability, in plain f64: slow, obvious, the authority.
 *
 *   z = logits / temperature        p_v = e^(z_v − m) / Σ_u e^(z_u − m),   m = max z
 *   H = −Σ_v p_v ln p_v             ln π(a) = z_a − m − ln Σ_u e^(z_u − m)      (nats)
 *
 * Decisions: p ln p is 0 where p is 0, so a masked logit (−∞) adds nothing and a one-hot row has
 * H = 0. The temperature comes first; top-p and top-k never reach these functions. A row whose
 * logits are all −∞ is no distribution, and is refused.
 */

/** ln p over one row.  logits (V) → (V); −∞ where the logit is −∞. */
export function logProbabilities(logits: ArrayLike<number>, temperature = 1): number[] {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const largest = scaled.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(largest))
    throw new Error(`no distribution: the largest logit is ${largest}`);
  const sum = scaled.reduce((total, z) => total + Math.exp(z - largest), 0);
  return scaled.map((z) => z - largest - Math.log(sum));
}

/** p over one row.  logits (V) → (V), sums to 1. */
export function probabilities(logits: ArrayLike<number>, temperature = 1): number[] {
  return logProbabilities(logits, temperature).map(Math.exp);
}

/** H of one row, in nats.  logits (V) → a number in [0, ln V]. */
export function tokenEntropy(logits: ArrayLike<number>, temperature = 1): number {
  let entropy = 0;
  for (const logProbability of logProbabilities(logits, temperature)) {
    if (logProbability !== -Infinity) entropy -= Math.exp(logProbability) * logProbability;
  }
  return Math.max(0, entropy);
}

/** ln π(token) of one row, in nats.  logits (V) → a number ≤ 0. */
export function tokenLogProb(logits: ArrayLike<number>, token: number, temperature = 1): number {
  const value = logProbabilities(logits, temperature)[token];
  if (value === undefined) throw new Error(`token ${token} is outside 0..${logits.length - 1}`);
  return value;
}
