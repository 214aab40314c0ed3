import { describe, expect, test } from "bun:test";
import type { Replay } from "../../src/env/replay.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const STICK = ["play", "textcraft", "--task", "stick"];
const SOLUTION = ["get 2 bamboo", "craft 1 stick using 2 bamboo"];

async function playJson(name: string, content: string, ...args: string[]): Promise<Replay> {
  using directory = new TemporaryDirectory();
  const file = directory.file(name, content);
  const { code, out } = await runCli([...STICK, "--json", "--actions", file, ...args]);
  expect(code).toBe(0);
  return JSON.parse(out) as Replay;
}

describe("replayed actions", () => {
  test("--json prints the documented keys and the success", async () => {
    const played = await playJson("solution.txt", SOLUTION.join("\n"));
    expect(Object.keys(played)).toEqual([
      "env",
      "task",
      "opening",
      "transcript",
      "success",
      "return",
    ]);
    expect(Object.keys(played.opening)).toEqual(["observation", "admissible"]);
    expect(Object.keys(played.transcript[0]!)).toEqual([
      "action",
      "observation",
      "reward",
      "done",
      "admissible",
    ]);
    expect(played).toMatchObject({ env: "textcraft", task: "stick", success: true, return: 1 });
    expect(played.transcript.map(({ done }) => done)).toEqual([false, true]);
  });

  test("a .json file's strings arrive exactly as they are", async () => {
    const actions = [" get 1 bamboo ", "", "GET 1 BAMBOO", "two\nlines"];
    const { transcript } = await playJson("actions.json", JSON.stringify(actions));
    expect(transcript.map(({ action }) => action)).toEqual(actions);
  });

  test("any other file has one action a line; line ends and empty lines are no part of them", async () => {
    const { transcript } = await playJson("actions.txt", "inventory \r\n\n get 1 bamboo\n");
    expect(transcript.map(({ action }) => action)).toEqual(["inventory ", " get 1 bamboo"]);
  });

  test("what follows the end of the episode is not played, and that is said", async () => {
    using directory = new TemporaryDirectory();
    const file = directory.file("a.json", JSON.stringify([...SOLUTION, "inventory", "inventory"]));
    const { out, notes } = await runCli([...STICK, "--actions", file, "--json"]);
    expect((JSON.parse(out) as Replay).transcript).toHaveLength(2);
    expect(notes).toBe("the episode ended; 2 more actions were not played");
  });

  test("--max-turns ends the episode", async () => {
    const { transcript, success } = await playJson("a.txt", "x\ny\nz", "--max-turns", "2");
    expect([transcript.length, transcript.at(-1)?.done, success]).toEqual([2, true, false]);
  });

  test("for a person, actions stand behind > and the outcome comes last", async () => {
    using directory = new TemporaryDirectory();
    const file = directory.file("a.json", JSON.stringify(SOLUTION));
    const { out } = await runCli([...STICK, "--actions", file]);
    expect(out.split("\n").slice(-5)).toEqual([
      "> get 2 bamboo",
      "Got 2 bamboo",
      "> craft 1 stick using 2 bamboo",
      "Crafted 1 minecraft:stick",
      "solved after 2 actions, return 1",
    ]);
  });
});

describe("by hand", () => {
  test("each line is an action, an empty one asks what can be done", async () => {
    const { code, out, notes } = await runCli(STICK, ["", ...SOLUTION, "never read"]);
    expect(code).toBe(0);
    expect(out).toEndWith("Crafted 1 minecraft:stick\nsolved after 2 actions, return 1");
    expect(notes).toContain("get ");
  });

  test("the end of input leaves the episode", async () => {
    const { code, out } = await runCli(STICK, ["get 1 bamboo"]);
    expect(code).toBe(0);
    expect(out).toEndWith("Got 1 bamboo\nleft unfinished after 1 action, return 0");
  });
});

describe("the task", () => {
  const task = async (...args: string[]) => {
    const { out, notes } = await runCli([
      "play",
      "textcraft",
      "--actions",
      "/dev/null",
      ...args,
      "--json",
    ]);
    return notes === "" ? (JSON.parse(out) as Replay).task : notes;
  };

  test("is picked by the seed when it is not named", async () => {
    expect(await task()).toBe(await task("--seed", "0"));
    expect(await task("--seed", "1")).not.toBe(await task("--seed", "0"));
    expect(await task("--split", "test")).not.toBe(await task());
  });

  test("may be a panel's number", async () => {
    expect(await task("--panel", "adapt200", "--task", "17")).toBe("adapt200/17");
    expect(await task("--panel", "adapt200", "--task", "adapt200/3")).toBe("adapt200/3");
  });

  test.each([
    [["--split", "trian"], 'error: --split: textcraft has no "trian", allowed: "train", '],
    [["--panel", "adapt20"], 'error: --panel: textcraft has no "adapt20", allowed: "train", '],
    [["--panel", "constructor"], 'error: --panel: textcraft has no "constructor", allowed: '],
    [
      ["--panel", "adapt200", "--task", "200"],
      'error: --task: found "200", allowed in adapt200: 0 to 199',
    ],
    [
      ["--panel", "adapt200", "--task", "x"],
      'error: --task: found "x", allowed in adapt200: 0 to 199',
    ],
    [["--task", "oakfence"], 'error: textcraft: no task "oakfence"'],
  ])("%j is refused", async (args, message) => expect(await task(...args)).toStartWith(message));
});

describe("bad input", () => {
  test.each([
    [["play", "txtcraft"], 'error: no such environment "txtcraft"'],
    [["play", "textcraft", "--option", "colour=red"], 'error: textcraft: unknown option "colour"'],
    [
      [...STICK, "--actions", "/nowhere/a.json"],
      "error: /nowhere/a.json: cannot read: no such file",
    ],
  ])("%j", async (args, message) => {
    const { code, out, notes } = await runCli(args);
    expect([code, out]).toEqual([2, ""]);
    expect(notes).toStartWith(message);
  });

  test.each([
    ['{"a": 1}', ': found {"a":1}, allowed: a list, each a string'],
    ['["a", 3]', ": [1]: found 3, allowed: a string"],
    ['["a",', ":1: not JSON: value expected, found the end of the file"],
  ])("the actions %s", async (content, message) => {
    using directory = new TemporaryDirectory();
    const file = directory.file("actions.json", content);
    const { code, notes } = await runCli([...STICK, "--actions", file]);
    expect(code).toBe(2);
    expect(notes).toStartWith(`error: ${file}${message}`);
  });
});
