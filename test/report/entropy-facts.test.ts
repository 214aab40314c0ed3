import { expect, test } from "bun:test";
import { entropyFacts, RANKS, rankMeans } from "../../src/report/entropy-facts.ts";
import type { SavedEpisode, SavedIteration } from "../../src/report/saved-rollouts.ts";

/** An iteration whose steps have these entropies, one token each. */
function iteration(at: number, entropies: readonly number[], more: object = {}): SavedIteration {
  const steps = entropies.map((nats) => ({
    ...{ observation: "", response: "", valid: true, reward: 0, tokens: [1], entropies: [nats] },
    ...more,
  }));
  const episode: SavedEpisode = { episode: "a", return: 0, success: false, end: "", steps };
  return { iteration: at, episodes: [episode] };
}

const sequence = (count: number, of: (i: number) => number) =>
  Array.from({ length: count }, (_, i) => of(i));

test("each rank is the mean of its twentieth, whatever the order of the steps", () => {
  const values = sequence(100, (i) => i / 100);
  const shuffled = values.map((_, i) => values[(37 * i) % 100]!);
  const expected = sequence(RANKS, (rank) => (5 * rank + 2) / 100);
  rankMeans(shuffled).forEach((mean, rank) => {
    expect(mean).toBeCloseTo(expected[rank]!, 12);
  });
});

test("the change is last minus first, rank by rank, though the counts of steps differ", () => {
  const first = iteration(
    10,
    sequence(40, (i) => i),
  );
  const last = iteration(
    90,
    sequence(80, (i) => i / 4),
  );
  const { ranks } = entropyFacts([[first, iteration(50, [99]), last]]);
  // First: means 0.5, 2.5, …; last: means of 4 quarters 0.375, 1.375, …
  expect(ranks.first).toEqual(sequence(RANKS, (rank) => 2 * rank + 0.5));
  ranks.change.forEach((change, rank) => {
    expect(change).toBeCloseTo(rank + 0.375 - (2 * rank + 0.5), 4);
  });
});

test("a run with one saved iteration has no change, and its distribution is the first", () => {
  const { ranks, histograms, steps } = entropyFacts([
    [
      iteration(
        10,
        sequence(40, (i) => i),
      ),
    ],
  ]);
  expect(ranks.change).toEqual([]);
  expect(steps).toEqual([40, 0]);
  expect(histograms.map(({ symbol }) => symbol)).toEqual(["H"]);
  expect(histograms[0]!.first.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
  // Nothing is not the same as a share of nothing.
  expect(histograms[0]!.last).toEqual([]);
});

test("shares of a histogram are of its own iteration, outliers in the last bin", () => {
  const modulation = { normalized_entropy: 0.5, scale: 1, clarity: null };
  const first = iteration(1, [...sequence(399, () => 0.1), 50], { modulation });
  const { histograms } = entropyFacts([[first, iteration(2, [0.1], { modulation })]]);
  const H = histograms.find(({ symbol }) => symbol === "H")!;
  expect(H.first.at(-1)).toBe(1);
  const h = histograms.find(({ symbol }) => symbol === "h")!;
  expect([h.first.at(-1), h.last.at(-1)]).toEqual([1, 1]);
  expect(histograms.some(({ symbol }) => symbol === "f")).toBe(false);
});
