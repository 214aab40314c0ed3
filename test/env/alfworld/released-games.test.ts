import { describe, expect, test } from "bun:test";
import { randomFrom } from "../../../src/core/random.ts";
import { findFolders } from "../../../src/env/alfworld/folders.ts";
import { readGameFile } from "../../../src/env/alfworld/game.ts";
import { displayNames } from "../../../src/env/alfworld/names.ts";
import { readProblem } from "../../../src/env/alfworld/problem.ts";
import { Alfworld } from "../../../src/env/alfworld/world.ts";
import { checkEnv } from "../../../src/env/check-env.ts";
import { DATA, HAS_DATA, readShared, SPLITS } from "./data.ts";
import { playRandomly } from "./random-play.ts";

const COUNTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  valid_seen: { Pick: 35, Look: 13, Clean: 27, Heat: 16, Cool: 25, Pick2: 24 },
  valid_unseen: { Pick: 24, Look: 18, Clean: 31, Heat: 23, Cool: 21, Pick2: 17 },
  valid_train: { Pick: 46, Look: 19, Clean: 37, Heat: 25, Cool: 28, Pick2: 45 },
};

describe.skipIf(!HAS_DATA)("the released games", () => {
  const world = HAS_DATA ? new Alfworld({ data: DATA }) : new Alfworld();
  const folders = HAS_DATA ? findFolders(DATA) : new Map();
  const ids = SPLITS.flatMap((split) => world.splits[split] ?? []);

  test("are 474 in three splits, listed by the published ids, counted by kind", () => {
    expect(Object.keys(world.splits)).toEqual(SPLITS);
    const published = readShared<Record<string, string[]>>("splits.json");
    for (const split of SPLITS) {
      const own = world.splits[split] ?? [];
      expect(new Set(own)).toEqual(new Set(published[split]?.map((id) => `${split}/${id}`)));
      expect([...own].sort()).toEqual([...own]);
      const counts: Record<string, number> = {};
      for (const id of own) {
        const kind = world.kindOf(id) as string;
        counts[kind] = (counts[kind] ?? 0) + 1;
      }
      expect(counts).toEqual(COUNTS[split] as Record<string, number>);
    }
  });

  test("all open; before the first move there are 9 to 57 commands, all but three of them go to", () => {
    const counts = ids.map((id) => {
      const { opening, commands } = world.start(id, 0);
      expect(opening).toMatch(
        /^-= Welcome to TextWorld, ALFRED! =-\n\nYou are in the middle of a room\./,
      );
      expect(commands.filter(({ action }) => action === "GotoLocation").length).toBe(
        commands.length - 3,
      );
      return commands.length;
    });
    expect([Math.min(...counts), Math.max(...counts)]).toEqual([9, 57]);
    expect(counts.reduce((a, b) => a + b, 0) / counts.length).toBeCloseTo(26, 0);
  });

  test("their kinds, read from the goals, are those of their metadata", () => {
    for (const id of ids) {
      expect(world.start(id, 0).game.quest?.kind as string).toBe(world.kindOf(id) as string);
    }
  });

  test("all 274 stored walkthroughs win, ids translated to names", () => {
    let played = 0;
    for (const id of ids) {
      const folder = folders.get(id);
      const file = readGameFile(folder.read("game.tw-pddl"), id) as unknown as {
        pddl_problem: string;
        walkthrough?: string[];
      };
      if (file.walkthrough === undefined) continue;
      const { facts } = readProblem(file.pddl_problem, id);
      const names = displayNames(new Set(facts.flatMap((fact) => fact.slice(1))));
      const episode = world.start(id, 0);
      const outcomes = file.walkthrough.map((command) => {
        const words = command.split(" ").map((word) => names.get(word.toLowerCase()) ?? word);
        return episode.step(words.join(" "));
      });
      expect(outcomes.every(({ valid }) => valid)).toBe(true);
      expect(outcomes.at(-1)?.success).toBe(true);
      played++;
    }
    expect(played).toBe(274);
  });

  test("the expert solves at least 98 % of them within 50 steps", () => {
    const solved = ids.filter((id) => {
      const episode = world.start(id, 0, 50);
      const expert = world.expert(episode);
      for (;;) {
        const { end, success } = episode.step(expert.next());
        if (end !== null) return success;
      }
    });
    expect(solved.length).toBeGreaterThanOrEqual(Math.ceil(0.98 * 474));
  });

  test("keep the contract of every world", async () => {
    for (let i = 0; i < ids.length; i += 40) await checkEnv(world, ids[i] as string);
  });

  test("random play: what is listed is accepted, and only that; refusals change nothing", () => {
    const random = randomFrom(7);
    for (let i = 0; i < ids.length; i += 9)
      playRandomly(world.start(ids[i] as string, 0), random, 60);
  });

  test("human goals are the annotators' words, drawn by the seed", () => {
    const human = new Alfworld({ data: DATA, option: { goals: "human" } });
    const id = world.splits.valid_seen?.[0] as string;
    const openings = new Set(
      Array.from({ length: 20 }, (_, seed) => human.start(id, seed).opening),
    );
    expect(openings.size).toBeGreaterThan(1);
    const annotations = JSON.parse(folders.get(id).read("traj_data.json")).turk_annotations.anns;
    for (const opening of openings) {
      const task = /Your task is to: (.*)\.$/s.exec(opening)?.[1];
      expect(annotations.map(({ task_desc }: { task_desc: string }) => task_desc.trim())).toContain(
        task,
      );
    }
    expect(human.start(id, 3).opening).toBe(human.start(id, 3).opening);
  });

  test("kinds limit every split", () => {
    const some = new Alfworld({ data: DATA, option: { kinds: "Heat,Look" } });
    expect(some.splits.valid_unseen?.length).toBe(23 + 18);
  });
});
