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
  /** What was subtracted for it, from the episode's return too: invalid actions, overlong turns; absent: nothing. */
  readonly cost?: number;
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

/**
 * The returns of an episode's steps where each is a row of its own: what the episode earned, less what that step alone
 * cost.
 */
export function stepReturns({ return: total, steps }: EpisodeOutcome): number[] {
  const earned = total + steps.reduce((sum, { cost = 0 }) => sum + cost, 0);
  return steps.map(({ cost = 0 }) => earned - cost);
}

/** What a method's statistics run over: an episode, or one of its steps. */
export interface Row {
  readonly group: string;
  readonly value: number;
}

/** In the order of the episodes and of their steps. */
export function rowsOf(episodes: readonly EpisodeOutcome[], row: RowMeaning): Row[] {
  return episodes.flatMap((episode) => {
    const values = row === "step" ? stepReturns(episode) : [episode.return];
    return values.map((value) => ({ group: episode.group, value }));
  });
}

/**
 * A of every step, from a method that compares rows.
 * @param compare returns (N) and groups (N) of the rows → A (N)
 */
export function byRows(
  episodes: readonly EpisodeOutcome[],
  row: RowMeaning,
  compare: (returns: readonly number[], groups: readonly string[]) => readonly number[],
): number[][] {
  const rows = rowsOf(episodes, row);
  const found = compare(
    rows.map(({ value }) => value),
    rows.map(({ group }) => group),
  );
  if (row === "episode") return perStep(episodes, found);
  let next = 0;
  return episodes.map(({ steps }) => steps.map(() => found[next++]!));
}
