import { describe, expect, test } from "bun:test";
import type { AlfworldEpisode } from "../../../src/env/alfworld/env.ts";
import { alfworldExpert } from "../../../src/env/alfworld/experts.ts";
import type { Quest } from "../../../src/env/alfworld/quest.ts";
import { Alfworld } from "../../../src/env/alfworld/world.ts";
import { enter, GOALS } from "./little-house.ts";

const world = new Alfworld();
const tasks = (world.splits.train ?? []).filter((_, i) => i % 20 === 0);

function play(episode: AlfworldEpisode, rate?: number, seed = 0) {
  const mistakes = rate === undefined ? undefined : { rate, seed };
  const expert = alfworldExpert(episode, episode.game.quest as Quest, mistakes);
  const actions: string[] = [];
  for (;;) {
    actions.push(expert.next());
    const { end, success } = episode.step(actions.at(-1) as string);
    if (end !== null) return { actions, success };
  }
}

describe("the expert", () => {
  test.each(Object.entries(GOALS))(
    "solves %s in the little house, and its plan wins again",
    (_, goal) => {
      const { actions, success } = play(enter(goal));
      expect(success).toBe(true);
      const again = enter(goal);
      const outcomes = actions.map((action) => again.step(action));
      expect(outcomes.every(({ valid }) => valid)).toBe(true);
      expect(outcomes.at(-1)?.success).toBe(true);
    },
  );

  test.each([
    ["(opened fridge_bar_a)"],
    [GOALS.Pick.replace("(inReceptacle ?o ?r)", "(inReceptacle ?o ?r) (isSliced ?o)")],
    [GOALS.Heat.replace("(isHot ?o)", "(isHot ?o) (isClean ?o)")],
    [GOALS.Pick2.replace("(inReceptacle ?o1 ?r)", "(inReceptacle ?o1 ?r) (isHot ?o1)")],
  ])("knows six kinds of goals; %s is none of them", (goal) => {
    const episode = enter(goal);
    expect(episode.game.quest).toBeUndefined();
    expect(() => world.expert(episode)).toThrow('"little": its goal is none of the six kinds');
  });

  test("its plan wins when it is replayed", () => {
    for (const id of tasks.slice(0, 50)) {
      const { actions } = play(world.start(id, 0));
      const again = world.start(id, 1);
      const ends = actions.map((action) => again.step(action).success);
      expect(ends).toEqual(actions.map((_, i) => i === actions.length - 1));
    }
  });

  test("solves from wherever it is put, with anything in hand", () => {
    for (const goal of Object.values(GOALS)) {
      const episode = enter(goal);
      for (const command of [
        ...["go to countertop 1", "take bread 1 from countertop 1", "go to fridge 1"],
      ]) {
        expect(episode.step(command).end).toBeNull();
      }
      expect(play(episode).success).toBe(true);
    }
  });

  test("looks for things: it sees what it takes before it takes it", () => {
    for (const id of tasks.slice(0, 60)) {
      const episode = world.start(id, 0);
      let text = episode.opening;
      const expert = world.expert(episode);
      for (;;) {
        const action = expert.next();
        const taken = /^take (\S+ \d+) from/.exec(action)?.[1];
        if (taken !== undefined) expect(text).toContain(`a ${taken}`);
        const { observation, end } = episode.step(action);
        text += observation;
        if (end !== null) break;
      }
    }
  });

  test("is as short as a person's way: fewer than 12 actions on average", () => {
    const turns = tasks.map((id) => play(world.start(id, 0)).actions.length);
    expect(turns.reduce((a, b) => a + b, 0) / turns.length).toBeLessThan(12);
    expect(Math.max(...turns)).toBeLessThanOrEqual(50);
  });
});

describe("an expert that errs", () => {
  test("plays the same from the same seed, another from another", () => {
    const id = tasks[5] as string;
    const one = play(world.start(id, 0, 50), 0.4, 1).actions;
    expect(play(world.start(id, 0, 50), 0.4, 1).actions).toEqual(one);
    expect(play(world.start(id, 0, 50), 0.4, 2).actions).not.toEqual(one);
  });

  test("is the flawless one at rate 0, and still solves nearly all at rate 0.2", () => {
    const id = tasks[7] as string;
    expect(play(world.start(id, 0, 50), 0).actions).toEqual(play(world.start(id, 0, 50)).actions);
    const solved = tasks.filter((task, seed) => play(world.start(task, 0, 50), 0.2, seed).success);
    expect(solved.length / tasks.length).toBeGreaterThan(0.98);
  });

  test("errs at the given rate, in ways the world refuses now and then", () => {
    let turns = 0;
    let errors = 0;
    let refused = 0;
    for (const [seed, id] of tasks.entries()) {
      const episode = world.start(id, 0, 50);
      const right = world.expert(episode);
      const erring = world.expert(episode, { rate: 0.3, seed });
      for (;;) {
        const expected = right.next();
        const action = erring.next();
        const { valid, end } = episode.step(action);
        turns++;
        if (action !== expected) errors++;
        if (!valid) refused++;
        if (end !== null) break;
      }
    }
    expect(Math.abs(errors / turns - 0.3)).toBeLessThan(0.03);
    expect(refused).toBeGreaterThan(0.1 * errors);
    expect(refused).toBeLessThan(0.5 * errors);
  });
});
