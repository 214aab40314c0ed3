import type { RowMeaning } from "./dialect.ts";

/** What base methods need to know of an episode, and what they make of it. */
export interface EpisodeOutcome {
  readonly group: string;
  /** Σ rewards, less what was subtracted for invalid actions and overlong turns. */
  readonly return: number;
  readonly steps: readonly StepOutcome[];
}

export interface StepOutcome {
  /** What the step earned, less what was subtracted for it. */
  readonly reward: number;
  /** The state acted from: equal texts, equal states. */
  readonly state: string;
  /** What was seen there. */
  readonly observation: string;
  /** How many were sampled; 0 for an empty step. */
  readonly tokens: number;
  /** What the critic said before each token, for methods that have one; where it values turns, one number will do. */
  readonly values?: readonly number[] | undefined;
}

/** Per episode and step. */
export interface Advantages {
  /** A of every step: where its tokens differ, their mean. */
  readonly steps: readonly (readonly number[])[];
  /** A of every sampled token, where a step's tokens differ. */
  readonly tokens?: readonly (readonly (readonly number[])[])[];
  /** What each value of a critic should have been. */
  readonly returns?: readonly (readonly (readonly number[])[])[];
}

/** One advantage per episode → one per step. */
export function perStep(
  episodes: readonly EpisodeOutcome[],
  advantages: readonly number[],
): number[][] {
  return episodes.map(({ steps }, i) => steps.map(() => advantages[i]!));
}

/** How often an episode's return counts in statistics: once, or once for each of its steps. */
export function votesOf(episodes: readonly EpisodeOutcome[], row: RowMeaning): number[] {
  return episodes.map(({ steps }) => (row === "step" ? steps.length : 1));
}
