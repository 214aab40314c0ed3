import { expect, test } from "bun:test";
import { embeddedJson } from "../../src/report/embedded-json.ts";
import type { SavedEpisode } from "../../src/report/saved-rollouts.ts";
import { EPISODES, shownIterations } from "../../src/report/shown-episodes.ts";

function episode(
  name: string,
  success: boolean,
  trained: boolean,
  response = "<|end|>",
): SavedEpisode {
  const modulation = { scale: 1, base_advantage: 1, advantage: 1 };
  const step = {
    observation: "",
    response,
    valid: true,
    reward: 0,
    tokens: [1, 2],
    entropies: [0.5, 1.25],
  };
  return {
    episode: name,
    return: 0,
    success,
    end: "",
    steps: [trained ? { ...step, modulation } : step],
  };
}

const MANY = [
  ...Array.from({ length: 9 }, (_, i) => episode(`loss ${i}`, false, i >= 6)),
  ...Array.from({ length: 9 }, (_, i) => episode(`win ${i}`, true, i >= 7)),
];

test("successes and failures in turn, those that were trained on first", () => {
  const [shown] = shownIterations([{ iteration: 1, episodes: MANY }], undefined, 1e6);
  expect(shown!.episodes.map(({ name }) => name)).toEqual([
    "win 7",
    "loss 6",
    "win 8",
    "loss 7",
    "win 0",
    "loss 8",
  ]);
  expect(shown!.saved).toBe(18);
});

test("where all fail, failures fill the places", () => {
  const losses = MANY.filter(({ success }) => !success);
  const [shown] = shownIterations([{ iteration: 1, episodes: losses }], undefined, 1e6);
  expect(shown!.episodes.length).toBe(EPISODES);
});

test("the bytes they take in the page stay within the budget, evenly over iterations", () => {
  const iterations = [1, 2].map((iteration) => ({ iteration, episodes: MANY }));
  const one = Buffer.byteLength(
    embeddedJson(shownIterations(iterations, undefined, 1e6)[0]!.episodes[0]),
  );
  const shown = shownIterations(iterations, undefined, 4.5 * one);
  expect(shown.map(({ episodes }) => episodes.length)).toEqual([2, 2]);
  // An episode that is too long leaves its place to shorter ones.
  const long = [episode("long", true, true, "<".repeat(9 * one)), episode("short", false, true)];
  const [found] = shownIterations([{ iteration: 1, episodes: long }], undefined, 2 * one);
  expect(found!.episodes.map(({ name }) => name)).toEqual(["short"]);
});

test("tokens keep their texts, places of special ones and entropies in thousandths", () => {
  const decoder = (ids: readonly number[]) =>
    ids.map((id) => ({ text: `t${id}`, special: id === 2 }));
  const saved = [{ iteration: 1, episodes: [episode("a", true, false)] }];
  const step = shownIterations(saved, decoder, 1e6)[0]!.episodes[0]!.steps[0]!;
  expect(step).toMatchObject({
    tokens: ["t1", "t2"],
    special: [1],
    millinats: [500, 1250],
    H: 0.875,
  });
  expect(step.modulation).toBeUndefined();
});
