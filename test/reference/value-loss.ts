/**
 * Clipped value loss of PPO, and its gradient with respect to the values.
 *
 *   held = old + min(clip, max(−clip, value − old))
 *   loss = Σ_t w_t · ½ · max((value − target)², (held − target)²)
 *   ∂loss/∂value = w·(value − target) where the first is the larger or both are equal, else 0: held is constant there
 */

export interface ValuedToken {
  readonly value: number;
  readonly old: number;
  readonly target: number;
  readonly weight: number;
}

export function valueLoss(
  tokens: readonly ValuedToken[],
  clip: number,
): { loss: number; terms: number[]; gradient: number[] } {
  const parts = tokens.map(({ value, old, target, weight }) => {
    const held = old + Math.min(clip, Math.max(-clip, value - old));
    const free = (value - target) ** 2;
    const limited = (held - target) ** 2;
    return {
      term: (weight * Math.max(free, limited)) / 2,
      slope: free >= limited ? weight * (value - target) : 0,
    };
  });
  return {
    loss: parts.reduce((sum, { term }) => sum + term, 0),
    terms: parts.map(({ term }) => term),
    gradient: parts.map(({ slope }) => slope),
  };
}
