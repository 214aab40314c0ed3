/**
 * Generalized advantage estimation (arXiv 1506.02438, equation 16), and what PPO makes of it.
 *
 *   δ_t = r_t + γ·V_{t+1} − V_t            A_t = Σ_{l ≥ 0} (γλ)^l · δ_{t+l}            return_t = A_t + V_t
 *   whitened = (A − mean A) / √(var A + 1e-8), var with n − 1, over all places of all episodes
 *
 * Decisions: V behind the last place is 0. Places are sampled tokens, or turns that have one; a turn's value is that
 * before its first token, its reward arrives at its last. The last turn with tokens takes what the return and the
 * rewards of such turns differ by.
 */

export interface Place {
  readonly value: number;
  readonly reward: number;
}

export interface Episode {
  readonly return: number;
  /** Values before each token; none for an empty step. */
  readonly steps: readonly { readonly reward: number; readonly values: readonly number[] }[];
}

/** A of every place of one episode: the sum as it is written. */
export function gae(places: readonly Place[], gamma: number, lambda: number): number[] {
  const deltas = places.map(
    ({ value, reward }, t) => reward + gamma * (places[t + 1]?.value ?? 0) - value,
  );
  return places.map((_, t) =>
    deltas.slice(t).reduce((sum, delta, l) => sum + (gamma * lambda) ** l * delta, 0),
  );
}

export function whiten(values: readonly number[]): number[] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance =
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return values.map((value) => (value - mean) / Math.sqrt(variance + 1e-8));
}

/** Whitened A and the returns, place after place, episode after episode. */
export function ppoPlaces(
  episodes: readonly Episode[],
  { byTurn, gamma, lambda }: { byTurn: boolean; gamma: number; lambda: number },
): { advantages: number[]; returns: number[] } {
  const raw: number[] = [];
  const returns: number[] = [];
  for (const { return: total, steps } of episodes) {
    const own = steps.filter(({ values }) => values.length > 0);
    const earned = own.reduce((sum, { reward }) => sum + reward, 0);
    const places = own.flatMap(({ reward, values }, t): Place[] => {
      const arriving = t === own.length - 1 ? reward + total - earned : reward;
      if (byTurn) return [{ value: values[0]!, reward: arriving }];
      return values.map((value, j) => ({
        value,
        reward: j === values.length - 1 ? arriving : 0,
      }));
    });
    const found = gae(places, gamma, lambda);
    raw.push(...found);
    returns.push(...found.map((advantage, t) => advantage + places[t]!.value));
  }
  return { advantages: whiten(raw), returns };
}
