import { describe, expect, test } from "bun:test";
import { AlfworldEpisode } from "../../../src/env/alfworld/env.ts";
import { alfworldExpert } from "../../../src/env/alfworld/experts.ts";
import { GameMaker } from "../../../src/env/alfworld/game.ts";
import type { Quest } from "../../../src/env/alfworld/quest.ts";
import {
  HAS_DATA,
  readShared,
  readZipped,
  rebuiltGames,
  rebuiltProblem,
  type Scenes,
} from "./data.ts";

const EVERY = 12;

describe.skipIf(!HAS_DATA)("rebuilt train games", () => {
  const scenes = HAS_DATA ? (JSON.parse(readZipped("scenes.json.gz")) as Scenes) : undefined;
  const games = HAS_DATA ? rebuiltGames() : [];
  const maker = new GameMaker();
  const open = (game: (typeof games)[number]) => {
    const made = maker.fromProblem(rebuiltProblem(game, scenes as Scenes), "x");
    return new AlfworldEpisode({
      ...{ task: game.game, game: made, sentence: made.task, reward: 1, maxTurns: 50 },
    });
  };

  test("the expert solves every one that can be solved, and the one that cannot it does not", () => {
    const chosen = games.filter((game, i) => i % EVERY === 0 || !game.solvable);
    const solved = chosen.filter((game) => {
      const episode = open(game);
      const expert = alfworldExpert(episode, episode.game.quest as Quest);
      for (;;) {
        const { end, success } = episode.step(expert.next());
        if (end !== null) return success;
      }
    });
    expect(chosen.length).toBeGreaterThan(games.length / EVERY);
    expect(solved).toEqual(chosen.filter(({ solvable }) => solvable));
  });

  test("every ReAct episode begins as some game of its scene begins, places numbered alike", () => {
    const prompts = Object.values(readShared<Record<string, string>>("react-prompts.json"));
    const firsts = new Map(games.map((game) => [game.scene, game]));
    const rooms = new Set(
      [...firsts.values()].map((game) => open(game).opening.split("\n\n")[1] as string),
    );
    const lines = prompts.map((prompt) => prompt.trimStart().split("\n")[0] as string);
    expect(lines.length).toBe(36);
    for (const line of lines) expect([...rooms]).toContain(line);
  });

  test("every answer in the ReAct episodes is of the old release's form", () => {
    const things = String.raw`(?:nothing|a [a-z]+ \d+(?:, (?:and )?a [a-z]+ \d+)*)`;
    const place = String.raw`[a-z]+ \d+`;
    const forms = [
      `On the ${place}, you see ${things}\\.`,
      `(?:You open the ${place}\\. )?The ${place} is (?:closed|open\\. In it, you see ${things})\\.`,
      `You pick up the ${place} from the ${place}\\.`,
      `You put the ${place} in/on the ${place}\\.`,
      `You (?:heat|cool|clean) the ${place} using the ${place}\\.`,
      `You turn on the ${place}\\.`,
      `You are facing the ${place}(?:, (?:and )?${place})*\\. Next to it, you see ${things}\\.`,
      "Nothing happens\\.",
    ].map((form) => new RegExp(`^${form}$`));
    const prompts = Object.values(readShared<Record<string, string>>("react-prompts.json"));
    const odd = prompts.flatMap((prompt) => {
      const lines = prompt.trim().split("\n");
      return lines.flatMap((line, i) => {
        const asked = lines[i - 1] ?? "";
        const isAction = asked.startsWith("> ") && !asked.startsWith("> think:");
        if (!isAction || line.startsWith("> ")) return [];
        return forms.some((form) => form.test(line)) ? [] : [line];
      });
    });
    expect(odd).toEqual([]);
  });
});
