import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openWorld } from "../../src/env/worlds.ts";
import { resolveConfig } from "../../src/train/config-file.ts";

const README = readFileSync(join(import.meta.dir, "../../README.md"), "utf8");
const BLOCK = /```toml\n(\[env\][\s\S]*?)```/.exec(README)?.[1] ?? "";

test.each([
  ["alfworld", 50],
  ["webshop", 15],
])("verl-agent's set-up in the README is one that %s takes", async (name, turns) => {
  const text = BLOCK.replace('"alfworld"', `"${name}"`).replace("= 50", `= ${turns}`);
  const { env, rollout } = resolveConfig(text, "README.md");
  expect(env).toMatchObject({ name, max_turns: turns, invalid_action_penalty: 0.1 });
  expect(rollout).toMatchObject({ history: 2, max_tokens_per_turn: 512 });
  const world = await openWorld(name, { option: env.option });
  expect(world.format.name).toBe("text");
  const task = Object.values(world.splits)[0]?.[0] as string;
  const episode = await world.start(task, 0);
  const shown = world.format.opening(episode.opening, episode.admissible());
  expect(shown).toContain(episode.admissible()[0] as string);
});
