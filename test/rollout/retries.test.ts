import { describe, expect, test } from "bun:test";
import { randomFrom, seedFor } from "../../src/core/random.ts";
import type { Episode } from "../../src/env/env.ts";
import { TextCraft } from "../../src/env/textcraft/world.ts";
import { openWorld } from "../../src/env/worlds.ts";
import { AgentEpisode, type AgentOptions } from "../../src/rollout/agent.ts";
import { RetryCount, retryMeans } from "../../src/rollout/retries.ts";
import { plainFormat } from "../support/counting-world.ts";
import { type Rooms, roomsEpisode } from "../support/rooms-world.ts";
import { chatText } from "../text/chat.ts";

const text = chatText("chatml");
const OPTIONS: AgentOptions = {
  ...{ format: plainFormat, text, history: "full", maxTokensPerTurn: 100, timeoutMs: 200 },
  maxPositions: 1e6,
};
const PLAN = { name: "e", group: "g", task: "t", openingSeed: 0, seed: 0 };

/** Plays an episode as if the policy had said these actions, until it is over. */
async function play(world: Episode, actions: readonly string[]) {
  const episode = new AgentEpisode(PLAN, world, OPTIONS);
  for (const action of actions) {
    if (episode.done) break;
    const ids = [...text.tokenizer.encode(action), text.tokenizer.endOfTurn];
    for (const token of ids) await episode.take({ token, logProb: -1, entropy: 1 });
  }
  const { repeated, invalid, deadEnds } = episode.retries;
  return { counts: [repeated, invalid, deadEnds], trajectory: episode.trajectory("w", 0) };
}

const rooms = async (actions: string, options: Rooms = {}) =>
  (await play(roomsEpisode(options), actions.split(", "))).counts;

describe("repeated, invalid, dead ends", () => {
  test.each([
    ["walking on is no retry", "go b, go c, wait", [0, 0, 0]],
    ["the same action in another room is none", "wait, go b, wait, go c, wait", [0, 0, 0]],
    ["the same action in the same room is one", "wait, wait, wait, go b", [2, 0, 0]],
    ["what the world refuses is invalid", "fly, go z, wait", [0, 2, 0]],
    ["and repeated where it is tried again", "fly, fly", [1, 2, 0]],
    ["a return counts when the agent acts from there", "go b, go a, wait", [0, 0, 1]],
    ["and once, however long it stays", "go b, go a, wait, fly, wait", [1, 1, 1]],
    ["a room that was never left is no return", "wait, fly, wait", [1, 1, 0]],
    ["every coming back is a return of its own", "go b, go a, go b, go a, wait", [2, 0, 3]],
    ["a way back over other rooms is one too", "go b, go c, go a, wait", [0, 0, 1]],
    ["where an episode ends nothing is tried", "go b, go a", [0, 0, 0]],
  ])("%s", async (_, actions, counts) => {
    expect(await rooms(actions)).toEqual(counts);
  });

  test("a reward between leaving and coming back is progress", async () => {
    const paid = { paid: "take" };
    expect(await rooms("go b, take, go a, wait", paid)).toEqual([0, 0, 0]);
    // Gained before the room was left, it is none of the way.
    expect(await rooms("take, go b, go a, wait", paid)).toEqual([0, 0, 1]);
    // And once around is as much as one reward allows.
    expect(await rooms("go b, take, go a, go c, go a, wait", paid)).toEqual([0, 0, 1]);
  });

  test("states and actions that read alike together are told apart", async () => {
    let turn = 0;
    const keys = ["a", "a\nx"];
    const actions = ["x\ny", "y"];
    const world = roomsEpisode({ stateKey: () => keys[turn++]! });
    const { counts } = await play(world, actions);
    expect(counts).toEqual([0, 2, 0]);
  });
});

describe("a world that is broken", () => {
  const broken = (): never => {
    throw new Error("lost");
  };
  test.each<[string, Rooms]>([
    ["cannot tell its state", { stateKey: broken }],
    ["throws when acted on", { answer: broken }],
    ["rejects when acted on", { answer: () => Promise.reject(new Error("lost")) }],
    ["never answers", { answer: () => new Promise(() => {}) }],
    ["answers nothing", { answer: () => undefined as never }],
  ])("%s: the episode has a fault, and counting never throws", async (_, options) => {
    const { counts, trajectory } = await play(roomsEpisode(options), ["wait", "wait"]);
    expect(trajectory.end).toBe("fault");
    expect(trajectory.steps).toHaveLength(1);
    expect(counts).toEqual([0, 0, 0]);
  });

  test.each([
    ["undefined", undefined],
    ["a number", 7],
  ])("a state that is %s is a state like another", async (_, key) => {
    const counts = await rooms("go b, go a, go b", { stateKey: () => key as unknown as string });
    expect(counts).toEqual([1, 0, 0]);
  });
});

test("a TextCraft episode with mistakes has exactly those", async () => {
  const world = new TextCraft();
  const problem = "adapt200/0";
  const episode = await world.start(problem, 0, 20);
  const expert = world.expert(episode);
  const first = expert.next();
  const item = /^get \d+ (.*)$/.exec(first)?.[1];
  expect(item).toBeDefined();
  const { counts } = await play(episode, [
    "inventory",
    "inventory",
    "get 1 dragon egg of nobody",
    first,
    "inventory",
    first,
    // What is carried is another state now, in which the same may be said again.
    first,
    "make me one",
    "make me one",
  ]);
  // Repeated: the second look, the second nonsense. Invalid: the egg and the nonsense. Nothing carried ever shrinks.
  expect(counts).toEqual([2, 3, 0]);
});

test("in TextCraft nothing is unmade: whatever is played there is no dead end", async () => {
  const world = new TextCraft();
  for (let problem = 0; problem < 5; problem++) {
    const episode = await world.start(`adapt200/${problem}`, 0, 30);
    const random = randomFrom(seedFor(problem, "play"));
    const retries = new RetryCount();
    for (let turn = 0; turn < 29; turn++) {
      const actions = episode.admissible();
      const action = actions[random.integer(actions.length)]!;
      retries.acts(episode.stateKey(), action);
      const outcome = await episode.step(action);
      retries.answered(outcome);
      if (outcome.end !== null) break;
    }
    expect(retries.deadEnds).toBe(0);
    expect(retries.invalid).toBe(0);
  }
});

test("in a household, walking there and back again leads nowhere", async () => {
  const world = await openWorld("alfworld", {});
  const episode = await world.start(world.splits.train![0]!, 0, 20);
  const places = episode.admissible().filter((action) => action.startsWith("go to "));
  const [here, there] = places as [string, string];
  const { counts } = await play(episode, [here, there, here, "look", there, "fly away"]);
  // Back here, then back there; looking changes nothing.
  expect(counts).toEqual([1, 1, 2]);
});

test("means are per episode, and 0 without one", () => {
  const episodes = [
    { repeated: 1, invalid: 0, deadEnds: 3 },
    { repeated: 2, invalid: 1, deadEnds: 0 },
  ];
  expect(retryMeans(episodes)).toEqual({
    ...{ repeated_actions_mean: 1.5, invalid_actions_mean: 0.5, dead_ends_mean: 1.5 },
  });
  expect(Object.values(retryMeans([]))).toEqual([0, 0, 0]);
});
