import { AlfworldEpisode } from "./env.ts";
import { nextCommand } from "./expert.ts";
import type { Game } from "./game.ts";

/** More turns than any house needs to be searched from end to end. */
const ENOUGH = 500;

/** Does the expert solve this game? A goal that is none of the six kinds it does not. */
export function isSolvable(game: Game): boolean {
  const { quest } = game;
  if (quest === undefined) return false;
  const start = { task: "", game, sentence: game.task, reward: 1, maxTurns: ENOUGH };
  const episode = new AlfworldEpisode(start);
  for (;;) {
    const { end, valid, success } = episode.step(nextCommand(episode, quest));
    if (end !== null || !valid) return success;
  }
}
