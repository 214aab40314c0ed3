import { expect } from "bun:test";
import type { Random } from "../../../src/core/random.ts";
import type { AlfworldEpisode } from "../../../src/env/alfworld/env.ts";

/**
 * Plays random listed commands, and beside them guesses: what is listed is accepted, what is not is
 * refused and changes nothing, and the list is sorted without repetitions.
 */
export function playRandomly(episode: AlfworldEpisode, random: Random, turns: number): void {
  const { objects, receptacles } = episode.game.house;
  for (let turn = 0; turn < turns; turn++) {
    const listed = episode.admissible();
    expect([...listed].sort()).toEqual([...listed]);
    expect(new Set(listed).size).toBe(listed.length);
    const key = episode.stateKey();
    const [o] = random.sample(objects, 1);
    const [r] = random.sample(receptacles, 1);
    const guesses = [
      ...[`take ${o} from ${r}`, `move ${o} to ${r}`, `clean ${o} with ${r}`, `use ${o}`],
      ...[`open ${r}`, `close ${r}`, `examine ${o}`, `slice ${o} with ${o}`],
    ];
    for (const guess of guesses.filter((one) => !listed.includes(one))) {
      const { observation, valid, reward, end } = episode.step(guess);
      expect([observation, valid, reward, end]).toEqual(["Nothing happens.", false, 0, null]);
    }
    expect(episode.stateKey()).toBe(key);
    expect(episode.admissible()).toEqual(listed);
    const outcome = episode.step(listed[random.integer(listed.length)] as string);
    expect(outcome.valid).toBe(true);
    expect(outcome.observation).not.toBe("Nothing happens.");
    if (outcome.end !== null) return;
  }
}
