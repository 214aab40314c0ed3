import { describe, expect, test } from "bun:test";
import { checkEnv } from "../../src/env/check-env.ts";
import type { Episode, Outcome, World } from "../../src/env/env.ts";
import { replay } from "../../src/env/replay.ts";
import { openWorld, WORLD_NAMES } from "../../src/env/worlds.ts";

describe("openWorld", () => {
  test("opens each world it lists, under that name", async () => {
    for (const name of WORLD_NAMES) expect((await openWorld(name)).name).toBe(name);
  });

  test("an unknown name is refused, naming the nearest and all", async () => {
    const error = await openWorld("texcraft").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "UserError", hint: 'did you mean "textcraft"?' });
    expect(String(error)).toContain(`(known: ${WORLD_NAMES.join(", ")})`);
    await expect(openWorld("toString")).rejects.toThrow('no such environment "toString"');
  });
});

describe("replay", () => {
  const actions = ["get 2 bamboo", " Get", "craft 1 stick using 2 bamboo", "inventory"];

  test("records what an agent meets, and stops at the end", async () => {
    const world = await openWorld("textcraft", { option: { distractors: "0" } });
    const { opening, transcript, ...rest } = await replay(world, "stick", actions, 0);
    expect(rest).toEqual({ env: "textcraft", task: "stick", success: true, return: 1 });
    expect(Object.keys(opening)).toEqual(["observation", "admissible"]);
    expect(transcript.map(({ admissible, ...turn }) => turn)).toEqual([
      { action: "get 2 bamboo", observation: "Got 2 bamboo", reward: 0, done: false },
      { action: " Get", observation: "Could not execute  Get", reward: 0, done: false },
      {
        action: "craft 1 stick using 2 bamboo",
        observation: "Crafted 1 minecraft:stick",
        reward: 1,
        done: true,
      },
    ]);
    expect(transcript[0]?.admissible).toContain("craft 1 stick using 2 bamboo");
    expect(transcript[2]?.admissible).toEqual([]);
  });

  test("without success when the actions run out", async () => {
    const world = await openWorld("textcraft");
    const { success, return: sum, transcript } = await replay(world, "hopper", ["inventory"], 0);
    expect([success, sum, transcript.length]).toEqual([false, 0, 1]);
  });
});

/** TextCraft with one thing broken. */
async function broken(change: (episode: Episode) => Partial<Episode>): Promise<World> {
  const world = await openWorld("textcraft");
  return {
    ...{ name: world.name, splits: world.splits, format: world.format },
    async start(task, seed, maxTurns) {
      const episode = await world.start(task, seed, maxTurns);
      const { task: name, opening } = episode;
      const whole: Episode = {
        ...{ task: name, opening },
        step: (action) => episode.step(action),
        admissible: () => episode.admissible(),
        stateKey: () => episode.stateKey(),
        close: () => episode.close(),
      };
      const changed = Object.assign(whole, change(episode));
      inner.set(changed, episode);
      return changed;
    },
    expert: (episode) => world.expert(inner.get(episode) ?? episode),
  };
}
const inner = new WeakMap<Episode, Episode>();

describe("checkEnv notices", () => {
  test("nothing, in a sound world", async () => {
    await checkEnv(await broken(() => ({})), "stick");
  });

  test("openings drawn anew each time", async () => {
    let count = 0;
    const world = await broken(() => ({ opening: `${count++}` }));
    await expect(checkEnv(world, "stick")).rejects.toThrow("one seed gives one episode");
  });

  test("nonsense that counts as an action", async () => {
    const valid = (outcome: Outcome): Outcome => ({ ...outcome, valid: true });
    const world = await broken((episode) => ({
      step: async (action) => valid(await episode.step(action)),
    }));
    await expect(checkEnv(world, "stick")).rejects.toThrow("nonsense is refused");
  });

  test("steps taken after the end", async () => {
    let last: Outcome | undefined;
    const world = await broken((episode) => ({
      async step(action) {
        last = last?.end ? last : await episode.step(action);
        return last;
      },
    }));
    await expect(checkEnv(world, "stick")).rejects.toThrow();
  });

  test("a task that is in no split", async () => {
    const world = await openWorld("textcraft");
    await expect(checkEnv(world, "oak_fence")).rejects.toThrow("is in one of the splits");
  });
});
