import { expect, test } from "bun:test";
import { openWorld, WORLD_NAMES } from "../../src/env/worlds.ts";
import { runCli } from "../support/run-cli.ts";

test("--json lists every world with the sizes of its splits", async () => {
  const { code, out } = await runCli(["envs", "--json"]);
  expect(code).toBe(0);
  const listed = JSON.parse(out) as { name: string; splits: Record<string, number> }[];
  expect(listed.map(({ name }) => name)).toEqual([...WORLD_NAMES]);
  const { splits } = await openWorld("textcraft");
  const sizes = Object.entries(splits).map(([split, tasks]) => [split, tasks.length]);
  expect(listed.find(({ name }) => name === "textcraft")?.splits).toEqual(
    Object.fromEntries(sizes),
  );
});

test("without --json it is one line per world", async () => {
  const { out } = await runCli(["envs"]);
  expect(out.split("\n")).toHaveLength(WORLD_NAMES.length);
  expect(out).toMatch(/^textcraft {2}train \d+ · validation \d+ · test \d+/);
});
