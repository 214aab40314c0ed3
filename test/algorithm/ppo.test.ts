import { describe, expect, test } from "bun:test";
import { generalizedAdvantages, whitened } from "../../src/algorithm/gae.ts";
import { PpoConfig, ppo } from "../../src/algorithm/ppo.ts";
import { randomFrom } from "../../src/core/random.ts";
import { type Episode, gae, ppoPlaces } from "../reference/gae.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const outcomes = (episodes: readonly Episode[]) =>
  episodes.map(({ return: total, steps }, i) => ({
    group: `${i}`,
    return: total,
    steps: steps.map(({ reward, values }) => ({
      reward,
      values,
      tokens: values.length,
      state: "",
      observation: "",
    })),
  }));

const defaults = PpoConfig.parse({ method: "ppo" });

/** Episodes with empty steps, penalties in the return, and an episode without a token. */
function episodesOf(seed: number): Episode[] {
  const random = randomFrom(seed);
  const number = () => 2 * random.uniform() - 1;
  const episodes = Array.from({ length: 5 }, () => {
    const steps = Array.from({ length: 1 + random.integer(5) }, () => ({
      reward: number(),
      values: Array.from({ length: random.integer(4) }, number),
    }));
    return { return: number(), steps };
  });
  return [...episodes, { return: 1, steps: [{ reward: 1, values: [] }] }];
}

describe("generalized advantages", () => {
  test.each([
    [1, 0, [0.5, 0, 2]],
    [1, 1, [2.5, 2, 2]],
    [0.5, 0.5, [0.25, 1, 2]],
  ])("with gamma %d and lambda %d are those found by hand", (gamma, lambda, wanted) => {
    const places = [
      { value: 0.5, reward: 0 },
      { value: 1, reward: 2 },
      { value: -1, reward: 1 },
    ];
    expect(generalizedAdvantages(places, { gamma, lambda })).toBeClose(wanted, TOLERANCE.exact);
  });

  test.each([0, 1, 2, 31, 257])("match the f64 sum over %d places", (count) => {
    const random = randomFrom(count);
    const places = Array.from({ length: count }, () => ({
      value: random.uniform(),
      reward: random.uniform(),
    }));
    const found = generalizedAdvantages(places, { gamma: 0.9, lambda: 0.8 });
    expect(found).toBeClose(gae(places, 0.9, 0.8), TOLERANCE.exact);
  });

  test("a single number is whitened to 0, and equal ones too", () => {
    expect(whitened([7])).toEqual([0]);
    expect(whitened([3, 3, 3])).toEqual([0, 0, 0]);
    expect(whitened([])).toEqual([]);
  });
});

describe.each(["turn", "token"] as const)("over each %s", (unit) => {
  test.each([1, 2, 3, 4])("advantages and returns are the reference's (%d)", (seed) => {
    const episodes = episodesOf(seed);
    const options = { gamma: 0.95, lambda: 0.9 };
    const found = ppo(outcomes(episodes), { gae: unit, dialect: "empg", ...options });
    const wanted = ppoPlaces(episodes, { byTurn: unit === "turn", ...options });
    expect(found.returns!.flat(2)).toBeClose(wanted.returns, TOLERANCE.exact);
    if (unit === "token") {
      expect(found.tokens!.flat(2)).toBeClose(wanted.advantages, TOLERANCE.exact);
      const means = found.tokens!.map((steps) =>
        steps.map((own) => own.reduce((a, b) => a + b, 0) / Math.max(own.length, 1)),
      );
      expect(found.steps.flat()).toBeClose(means.flat(), TOLERANCE.exact);
    } else {
      expect(found.tokens).toBeUndefined();
      const sampled = found.steps.flatMap((own, i) =>
        own.filter((_, t) => episodes[i]!.steps[t]!.values.length > 0),
      );
      expect(sampled).toBeClose(wanted.advantages, TOLERANCE.exact);
    }
  });

  test("with lambda 1 and no discount every target is what is still to come", () => {
    const episode = {
      return: 1.5,
      steps: [
        { reward: 1, values: [0.3, -0.2] },
        { reward: 5, values: [] },
        { reward: 0.75, values: [0.1] },
      ],
    };
    const { returns } = ppo(outcomes([episode]), {
      gae: unit,
      dialect: "empg",
      gamma: 1,
      lambda: 1,
    });
    // 1.5 − 1 are left behind the first turn; the empty turn has no token that could learn.
    const first = unit === "turn" ? [1.5] : [1.5, 1.5];
    expect(returns![0]!.flat()).toBeClose([...first, 0.5], TOLERANCE.exact);
    expect(returns![0]!.map(({ length }) => length)).toEqual([first.length, 0, 1]);
  });
});

test("episodes in another order have the same advantages", () => {
  const all = outcomes(episodesOf(5));
  const there = ppo(all, defaults).steps;
  const back = ppo(all.toReversed(), defaults).steps.toReversed();
  expect(back.flat()).toBeClose(there.flat(), TOLERANCE.exact);
});
