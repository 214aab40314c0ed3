/**
 * How often an episode went in circles. With s the state in which a turn acts (`Episode.stateKey`):
 *
 *   repeated   the same action was tried in s before
 *   invalid    the world refused the action, or did not understand it
 *   dead end   s was seen before, it was left since, and no reward was gained since it was last seen
 *
 * A return counts once, however long the agent then stays; leaving and coming back again is another one. States
 * are those in which the agent acts: where an episode ends, nothing is tried any more. A world that cannot tell
 * its state, or breaks while it acts, ends the episode with a fault, which no figure counts.
 */

/** One episode's counts. */
export interface Retries {
  readonly repeated: number;
  readonly invalid: number;
  readonly deadEnds: number;
}

/** Counts while an episode is played: before each turn `acts`, after it `answered`. */
export class RetryCount implements Retries {
  repeated = 0;
  invalid = 0;
  deadEnds = 0;
  readonly #tried = new Set<string>();
  /** State → how many rewards had been gained when it was last seen. */
  readonly #seen = new Map<string, number>();
  #state: string | undefined;
  #gains = 0;

  /** The agent acts in a state. */
  acts(state: string, action: string): void {
    const turn = JSON.stringify([state, action]);
    if (this.#tried.has(turn)) this.repeated++;
    this.#tried.add(turn);
    if (state !== this.#state && this.#seen.get(state) === this.#gains) this.deadEnds++;
    this.#seen.set(state, this.#gains);
    this.#state = state;
  }

  /** The world answered. */
  answered({ valid, reward }: { readonly valid: boolean; readonly reward: number }): void {
    if (!valid) this.invalid++;
    if (reward > 0) this.#gains++;
  }
}

/** Means per episode, as metrics and evaluations name them; all 0 without an episode. */
export function retryMeans(episodes: readonly Retries[]): {
  readonly repeated_actions_mean: number;
  readonly invalid_actions_mean: number;
  readonly dead_ends_mean: number;
} {
  const mean = (pick: (episode: Retries) => number) =>
    episodes.reduce((sum, episode) => sum + pick(episode), 0) / Math.max(episodes.length, 1);
  return {
    repeated_actions_mean: mean(({ repeated }) => repeated),
    invalid_actions_mean: mean(({ invalid }) => invalid),
    dead_ends_mean: mean(({ deadEnds }) => deadEnds),
  };
}
