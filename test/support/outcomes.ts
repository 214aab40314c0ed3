/** Episodes as base methods see them. */

import fc from "fast-check";
import type { EpisodeOutcome } from "../../src/algorithm/episode-outcome.ts";

/** Episodes of one step, by their returns. */
export function episodesOf(
  returns: readonly number[],
  groups: readonly string[] = returns.map(() => "g"),
): EpisodeOutcome[] {
  return returns.map((reward, i) => ({
    group: groups[i]!,
    return: reward,
    steps: [{ reward, state: "", observation: "", tokens: 1 }],
  }));
}

const amount = fc.double({ min: -3, max: 3, noNaN: true });

/** Batches of up to 12 episodes of 3 groups, 1 to 5 steps each, in 3 states. */
export const OUTCOMES: fc.Arbitrary<EpisodeOutcome[]> = fc.array(
  fc.record({
    group: fc.constantFrom("a", "b", "c"),
    return: amount,
    steps: fc.array(
      fc
        .record({ reward: amount, state: fc.constantFrom("s", "t", "u") })
        .map((step) => ({ ...step, observation: step.state, tokens: 1 })),
      { minLength: 1, maxLength: 5 },
    ),
  }),
  { minLength: 1, maxLength: 12 },
);
