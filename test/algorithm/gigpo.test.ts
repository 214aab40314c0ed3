import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { anchorStates } from "../../src/algorithm/anchor-states.ts";
import type { EpisodeOutcome } from "../../src/algorithm/episode-outcome.ts";
import { discountedReturns, GigpoConfig, gigpo } from "../../src/algorithm/gigpo.ts";
import { gigpo as reference } from "../reference/gigpo.ts";
import { OUTCOMES } from "../support/outcomes.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const OPTIONS = GigpoConfig.parse({ method: "gigpo" });

const episode = (group: string, ...steps: [state: string, reward: number][]): EpisodeOutcome => ({
  group,
  return: steps.reduce((sum, [, reward]) => sum + reward, 0),
  steps: steps.map(([state, reward]) => ({ state, reward, observation: state, tokens: 1 })),
});

test("rewards 0, 0, 1 at γ = 1/2 are worth 1/4, 1/2, 1", () => {
  expect(discountedReturns([0, 0, 1], 0.5)).toEqual([0.25, 0.5, 1]);
});

test("defaults: γ 0.95, w 1, centred only, the same state alone", () => {
  const { gamma, step_weight, std, step_std, similarity } = OPTIONS;
  expect({ gamma, step_weight, std, step_std, similarity }).toEqual({
    ...{ gamma: 0.95, step_weight: 1, std: false, step_std: false, similarity: 1 },
  });
});

test("by hand: the same state, one turn from success and two turns from it", () => {
  // Both win; the first goes to the exit at once, the second comes back to where it stood.
  const quick = episode("g", ["hall", 0], ["exit", 1]);
  const slow = episode("g", ["hall", 0], ["hall", 0], ["exit", 1]);
  const found = gigpo([quick, slow], { ...OPTIONS, gamma: 0.5 });
  // hall: Q = 1/2, 1/4, 1/2, mean 5/12; exit: 1 and 1; the episodes are equal.
  expect(found[0]!).toBeClose([1 / 12, 0], TOLERANCE.exact);
  expect(found[1]!).toBeClose([-1 / 6, 1 / 12, 0], TOLERANCE.exact);
});

test("a state that one step acts from has the episode's part alone, and so has a state of another group", () => {
  const episodes = [
    episode("a", ["x", 0], ["y", 1]),
    episode("a", ["z", 0]),
    episode("b", ["x", 0], ["y", 3]),
    episode("b", ["w", 3]),
  ];
  expect(gigpo(episodes, OPTIONS)).toEqual([[0.5, 0.5], [-0.5], [0, 0], [0]]);
});

test.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])("matches the f64 reference with std = %p, step_std = %p", (std, step_std) => {
  const options = { ...OPTIONS, std, step_std, step_weight: 0.7, gamma: 0.9 };
  fc.assert(
    fc.property(OUTCOMES, (episodes) => {
      const found = gigpo(episodes, options);
      // Two returns that differ in their last bit alone are a state of one value in one of the two.
      const tolerance = std || step_std ? TOLERANCE.numerical : TOLERANCE.exact;
      expect(found.flat()).toBeClose(reference(episodes, options).flat(), tolerance);
    }),
  );
});

test("a copied group changes no other", () => {
  fc.assert(
    fc.property(OUTCOMES, (episodes) => {
      const copy = episodes.map((one) => ({ ...one, group: `copy of ${one.group}` }));
      const found = gigpo([...episodes, ...copy], OPTIONS);
      expect(found.slice(0, episodes.length)).toEqual(gigpo(episodes, OPTIONS));
    }),
  );
});

test("permuting the episodes permutes the advantages", () => {
  fc.assert(
    fc.property(OUTCOMES, (episodes) => {
      const found = gigpo(episodes.toReversed(), OPTIONS).toReversed();
      expect(found.flat()).toBeClose(gigpo(episodes, OPTIONS).flat(), TOLERANCE.exact);
    }),
  );
});

describe("with a similarity below 1", () => {
  const see = (observation: string, state: string) => ({ observation, state });

  test("a visit joins the first cluster whose first member reads alike", () => {
    // "abcd"/"abce" have 3 of 4 letters in common, "abce"/"abfe" too, "abcd"/"abfe" only 2.
    const visits = [see("abcd", "1"), see("abce", "2"), see("abfe", "3"), see("abce", "4")];
    expect(anchorStates(visits, 0.75)).toEqual([[0, 1, 3], [2]]);
    expect(anchorStates(visits, 0.5)).toEqual([[0, 1, 2, 3]]);
  });

  test("the visit's text is compared with the cluster's, which is not the same the other way round", () => {
    const [first, later] = ["you see a table and cup with lamp", "you see a table and a cup apple"];
    expect(anchorStates([see(first, "1"), see(later, "2")], 0.8)).toEqual([[0, 1]]);
    expect(anchorStates([see(later, "1"), see(first, "2")], 0.8)).toEqual([[0], [1]]);
  });

  test("equal observations are one state, whatever the world calls them", () => {
    const visits = [see("a lamp", "1"), see("a lamp", "2"), see("", "1")];
    expect(anchorStates(visits, 0.95)).toEqual([[0, 1], [2]]);
    expect(anchorStates(visits, 1)).toEqual([[0, 2], [1]]);
  });
});
