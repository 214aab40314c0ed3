import { expect, test } from "bun:test";
import { taskListHash } from "../../src/env/task-list.ts";
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

test("one world by name is listed with a fingerprint of each split", async () => {
  const { splits } = await openWorld("alfworld");
  const { out } = await runCli(["envs", "alfworld"]);
  const lines = Object.entries(splits).map(
    ([split, tasks]) => `alfworld  ${split} ${tasks.length} · ${taskListHash(tasks)}`,
  );
  expect(out.split("\n\n")[0]).toBe(lines.join("\n"));
  const listed = JSON.parse((await runCli(["envs", "alfworld", "--json"])).out);
  expect(listed[0].hashes.train).toBe(taskListHash(splits.train ?? []));
});

test("one world by name is listed with its options, what each takes and assumes", async () => {
  const { out } = await runCli(["envs", "alfworld"]);
  expect(out).toContain(
    "\n  reward=1|10            of a success; verl-agent has 10 (default 1)\n",
  );
  expect(out).toContain(
    "\n  kinds=KIND,…           only tasks of these kinds: Pick, Look, Clean,",
  );
  const [listed] = JSON.parse((await runCli(["envs", "alfworld", "--json"])).out);
  expect(listed.options[1]).toEqual({
    ...{ name: "reward", value: "1|10", default: "1", help: "of a success; verl-agent has 10" },
  });
});

test("--split lists the ids, in the order in which they are evaluated", async () => {
  const { splits } = await openWorld("alfworld");
  const { out, notes } = await runCli(["envs", "alfworld", "--split", "test"]);
  expect(out.split("\n")).toEqual([...(splits.test ?? [])]);
  expect(notes).toBe(`401 tasks · ${taskListHash(splits.test ?? [])}`);
  const { tasks } = JSON.parse(
    (await runCli(["envs", "alfworld", "--split", "test", "--json"])).out,
  );
  expect(tasks).toEqual(splits.test);
});

test.each([
  [["alfworld", "--split", "tset"], 'error: --split: alfworld has no "tset" (known: train, '],
  [["--split", "test"], "error: envs: --split and --data need an environment"],
  [["alfwrld"], 'error: no such environment "alfwrld"'],
  [["alfworld", "--data", "/nowhere"], "error: /nowhere: cannot read: no such file or directory"],
])("envs %j is refused", async (args, message) => {
  const { code, notes } = await runCli(["envs", ...args]);
  expect(code).toBe(2);
  expect(notes).toStartWith(message);
});

test("without --json it is one line per world", async () => {
  const { out } = await runCli(["envs"]);
  expect(out.split("\n")).toHaveLength(WORLD_NAMES.length);
  expect(out).toMatch(/^textcraft {2}train \d+ · validation \d+ · test \d+/);
});
