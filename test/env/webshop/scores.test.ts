import { describe, expect, test } from "bun:test";
import { byKind, scoresOf } from "../../../src/train/by-kind.ts";
import { after, littleShop, startFor } from "./little-shop.ts";

/** Buys the woollen scarf with these values; null buys nothing. */
function play(values: readonly string[] | null): Readonly<Record<string, number>> {
  const world = littleShop();
  const task = world.splits.all!.find((id) =>
    world.start(id, 0).goal.text.includes("color: red, and size: s,"),
  )!;
  const episode = world.start(task, 0);
  after(episode, "search[woollen]", "click[b000000001]");
  if (values !== null)
    after(episode, ...values.map((value) => `click[${value}]`), "click[buy now]");
  return episode.scores();
}

describe("an episode tells", () => {
  test("its score and its parts, and which of them are all there", () => {
    expect(play(["red"])).toEqual({
      ...{ score: 0.75, bought: 1, type: 1, type_full: 1, attributes: 1, attributes_full: 1 },
      ...{ options: 0.5, options_full: 0, price: 1, price_full: 1 },
    });
  });

  test("zeros when nothing was bought", () => {
    const told = play(null);
    expect(Object.keys(told)).toEqual(Object.keys(play(["red"])));
    expect(new Set(Object.values(told))).toEqual(new Set([0]));
  });

  test("nothing of options where none were asked for", () => {
    expect(Object.keys(startFor(littleShop(), "C100").scores())).toEqual([
      ...[
        "score",
        "bought",
        "type",
        "type_full",
        "attributes",
        "attributes_full",
        "price",
        "price_full",
      ],
    ]);
  });
});

test("evaluations average score, success and parts, an episode without a purchase counting 0", () => {
  const played = [["red", "s"], ["red"], null].map((values) => ({ scores: play(values) }));
  const { scores } = scoresOf(played);
  expect(scores!.score!.mean).toBeCloseTo((1 + 0.75 + 0) / 3, 12);
  expect(scores!.options!.mean).toBeCloseTo((1 + 0.5 + 0) / 3, 12);
  expect(scores!.options_full!.mean).toBeCloseTo(1 / 3, 12);
  expect(scores!.bought!.mean).toBeCloseTo(2 / 3, 12);
});

test("results are told by the target's department", () => {
  const world = littleShop();
  const tasks = ["B000000001", "C100"].map(
    (asin) => world.splits.all!.find((id) => id.endsWith(asin))!,
  );
  const plans = tasks.map((task, i) => ({ name: `e${i}`, task }));
  const played = [
    { episode: "e0", success: true, scores: { score: 1 } },
    { episode: "e1", success: false, scores: { score: 0.5 } },
  ];
  expect(byKind(world, plans, played)).toMatchObject({
    fashion: { episodes: 1, success_rate: 1, scores: { score: { mean: 1 } } },
    garden: { episodes: 1, success_rate: 0, scores: { score: { mean: 0.5 } } },
  });
});
