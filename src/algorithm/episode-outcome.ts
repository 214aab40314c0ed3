/** What base methods need to know of an episode. */
export interface EpisodeOutcome {
  readonly group: string;
  /** Σ rewards, less what was subtracted for invalid actions and overlong turns. */
  readonly return: number;
  readonly steps: readonly StepOutcome[];
}

export interface StepOutcome {
  readonly reward: number;
  /** The state acted from: equal texts, equal states. */
  readonly state: string;
}

/** One advantage per episode → one per step. */
export function perStep(
  episodes: readonly EpisodeOutcome[],
  advantages: readonly number[],
): number[][] {
  return episodes.map(({ steps }, i) => steps.map(() => advantages[i]!));
}
