import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { randomFrom } from "../../../src/core/random.ts";
import { AlfworldEpisode } from "../../../src/env/alfworld/env.ts";
import { findFolders } from "../../../src/env/alfworld/folders.ts";
import { GameMaker, readGameFile } from "../../../src/env/alfworld/game.ts";
import { readGrammar } from "../../../src/env/alfworld/grammar.ts";
import { readProblem } from "../../../src/env/alfworld/problem.ts";
import { DATA, HAS_DATA } from "./data.ts";
import { DOMAIN, grammarText, PARTS } from "./little-game-file.ts";
import { GOALS, LITTLE_HOUSE } from "./little-house.ts";
import { ReferenceGame } from "./reference.ts";

interface Parts {
  readonly pddl_domain: string;
  readonly grammar: string;
  readonly pddl_problem: string;
}

const maker = new GameMaker();

/** Plays the engine and the interpreter side by side; actions are drawn, handling preferred to walking. */
function compare(parts: Parts, turns: number, seed: number): number {
  const game = maker.fromParts(parts, "game");
  const start = { task: "t", game, sentence: game.task, reward: 1, maxTurns: 10_000 };
  const episode = new AlfworldEpisode(start);
  const problem = readProblem(parts.pddl_problem, "problem");
  const reference = new ReferenceGame(
    parts.pddl_domain,
    problem,
    readGrammar(parts.grammar, "grammar"),
  );
  expect(episode.opening).toBe(reference.opening());
  expect(episode.admissible()).toEqual(reference.admissible());
  const random = randomFrom(seed);
  for (let turn = 0; turn < turns; turn++) {
    const listed = episode.admissible();
    const handling = listed.filter((one) => !/^(go to|help|inventory|look|examine .*)/.test(one));
    const from = handling.length > 0 && random.uniform() < 0.7 ? handling : listed;
    const command = from[random.integer(from.length)] as string;
    const { observation, success } = episode.step(command);
    expect(observation).toBe(reference.step(command));
    expect(episode.admissible()).toEqual(reference.admissible());
    expect(success).toBe(reference.won());
    if (success) return turn + 1;
  }
  return turns;
}

describe("the engine agrees with a plain interpreter of the game's own domain and grammar", () => {
  test.each(Object.entries(GOALS))("in the little house, goal %s", (_, goal) => {
    for (let seed = 0; seed < 6; seed++) {
      compare({ ...PARTS, pddl_problem: LITTLE_HOUSE.replace("GOAL", goal) }, 80, seed);
    }
    expect([DOMAIN.length, grammarText().length].every((length) => length > 1000)).toBe(true);
  });

  test.skipIf(!HAS_DATA)(
    "in the released games",
    () => {
      const folders = [...findFolders(DATA).values()];
      let turns = 0;
      for (let i = 0; i < folders.length; i += 13) {
        const folder = folders[i] as (typeof folders)[number];
        turns += compare(readGameFile(folder.read("game.tw-pddl"), folder.id), 20, i);
      }
      expect(turns).toBeGreaterThan(500);
    },
    600_000,
  );

  test.skipIf(!HAS_DATA)(
    "in the older release",
    () => {
      for (const folder of findFolders(join(DATA, "old-2.1.1-sample.tar.gz")).values()) {
        compare(readGameFile(folder.read("game.tw-pddl"), folder.id), 15, 5);
      }
    },
    600_000,
  );
});
