import { describe, expect, test } from "bun:test";
import { complete } from "../../src/cli/process-host.ts";
import type { Replay } from "../../src/env/replay.ts";
import { METADATA, PARTS, TRIAL, writeFolder } from "../env/alfworld/little-game-file.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const ID = `valid_seen/${TRIAL}`;
const APPLE = ["go to countertop 1", "take apple 3 from countertop 1", "go to microwave 1"];
const SOLUTION = [
  ...[...APPLE, "heat apple 3 with microwave 1", "go to fridge 1", "open fridge 1"],
  "move apple 3 to fridge 1",
];

describe("machines", () => {
  test("replay actions in a game named by id or by folder, with the list of the final state", async () => {
    using root = new TemporaryDirectory();
    const folder = writeFolder(root.path, ID);
    const actions = root.file("actions.json", JSON.stringify(SOLUTION));
    const runs = [
      ["--data", root.path, "--task", ID],
      ["--task", folder],
      ["--task", `${folder}/game.tw-pddl`],
    ];
    for (const where of runs) {
      const { code, out } = await runCli([
        "play",
        "alfworld",
        ...where,
        "--actions",
        actions,
        "--json",
      ]);
      expect(code).toBe(0);
      const played = JSON.parse(out) as Replay;
      expect(played).toMatchObject({ env: "alfworld", task: ID, success: true, return: 1 });
      expect(played.opening.admissible).toHaveLength(11);
      expect(played.transcript.map(({ done }) => done)).toEqual(SOLUTION.map((_, i) => i === 6));
      expect(played.transcript[6]?.admissible).toContain("take apple 3 from fridge 1");
    }
  });

  test("control characters and 100 kB actions are answered, not carried out", async () => {
    using root = new TemporaryDirectory();
    const actions = [
      "\u0000",
      "\u001b[31mlook",
      "look\u0007",
      "\ud800",
      "x".repeat(100_000),
      " look ",
    ];
    const file = root.file("actions.json", JSON.stringify(actions));
    const { out } = await runCli(["play", "alfworld", "--actions", file, "--json"]);
    const { transcript } = JSON.parse(out) as Replay;
    const answers = transcript.map(({ observation }) => observation);
    expect(answers.slice(0, 5)).toEqual(Array(5).fill("Nothing happens."));
    expect(answers[5]).toStartWith("You are in the middle of a room.");
  });

  test("are told where everything was skipped", async () => {
    using root = new TemporaryDirectory();
    writeFolder(root.path, "train/a/cut", { "game.tw-pddl": "{", "traj_data.json": METADATA });
    const { code, notes } = await runCli(["play", "alfworld", "--data", root.path]);
    expect(code).toBe(2);
    expect(notes.split("\n")[1]).toBe("error: alfworld: train has no task to play");
  });

  test("are told what was skipped, on standard error", async () => {
    using root = new TemporaryDirectory();
    writeFolder(root.path, ID);
    const unsolvable = {
      "game.tw-pddl": { ...PARTS, solvable: false },
      "traj_data.json": METADATA,
    };
    writeFolder(root.path, "valid_seen/x/unsolvable", unsolvable);
    const actions = root.file("a.txt", "look\n");
    const { out, notes } = await runCli([
      ...["play", "alfworld", "--data", root.path, "--split", "valid_seen"],
      ...["--actions", actions, "--json"],
    ]);
    expect((JSON.parse(out) as Replay).task).toBe(ID);
    expect(notes).toBe(
      "alfworld: skipped 1 of the 2 games of valid_seen: valid_seen/x/unsolvable (unsolvable)",
    );
  });

  test.each([
    [
      "(openable fridge_bar_a)",
      "(openable (fridge_bar_a))",
      /pddl_problem:\d+: expected a predicate/,
    ],
    ["(:goal (and", "(:goal (or", /pddl_problem:\d+: the goal's "\(or .*" is not a fact/],
  ])("a game whose %s is %s is refused with file and line", async (from, to, message) => {
    using root = new TemporaryDirectory();
    const pddl_problem = PARTS.pddl_problem.replace(from, to);
    const folder = writeFolder(root.path, ID, { "game.tw-pddl": { ...PARTS, pddl_problem } });
    const { code, notes } = await runCli([
      "play",
      "alfworld",
      "--task",
      folder,
      "--actions",
      "/dev/null",
    ]);
    expect(code).toBe(2);
    expect(notes).toMatch(message);
    expect(notes).toStartWith(`error: ${folder}/game.tw-pddl: `);
  });

  test("an incomplete folder is refused by the file that it lacks", async () => {
    using root = new TemporaryDirectory();
    const folder = writeFolder(root.path, ID, { "traj_data.json": METADATA });
    const { code, notes } = await runCli([
      "play",
      "alfworld",
      "--task",
      folder,
      "--actions",
      "/dev/null",
    ]);
    expect([code, notes]).toEqual([2, `error: ${folder}/initial_state.pddl: no such file`]);
  });
});

describe("a person", () => {
  test("is shown control characters spelled out, of games, of actions and in errors", async () => {
    using root = new TemporaryDirectory();
    const grammar = PARTS.grammar
      .replace("You close the {r.name}.", "\\u001b[2JYou close the {r.name}.")
      .replace("Your task is to: do it.", "Your task is to: \\u001b]0;do it.\\u0007");
    const folder = writeFolder(root.path, ID, { "game.tw-pddl": { ...PARTS, grammar } });
    const typed = ["go to fridge 1", "open fridge 1", "close fridge 1", "\u001b[31mlook\u0000"];
    const byHand = await runCli(["play", "alfworld", "--task", folder], typed);
    const file = root.file("actions.json", JSON.stringify(typed));
    const replayed = await runCli(["play", "alfworld", "--task", folder, "--actions", file]);
    for (const { out, notes } of [byHand, replayed]) {
      expect(out).toContain("Your task is to: \\x1b]0;do it.\\x07");
      expect(out).toContain("\\x1b[2JYou close the fridge 1.");
      expect(out).toContain("> \\x1b[31mlook\\x00\nNothing happens.");
      expect(`${out}${notes}`).not.toMatch(/(?!\n)\p{Cc}/u);
    }
    const { notes } = await runCli(["play", "alfworld", "--task", "\u001b[31mred"]);
    expect(notes).toStartWith('error: alfworld: no task "\\x1b[31mred"');
  });

  test("is told with control characters spelled out what is skipped", async () => {
    using root = new TemporaryDirectory();
    writeFolder(root.path, ID);
    const id = "valid_seen/a/\u001b[31mred";
    writeFolder(root.path, id, { "traj_data.json": { ...METADATA, task_type: "\u0007" } });
    const { out, notes } = await runCli(["envs", "alfworld", "--data", root.path]);
    expect(out).toContain("alfworld  skipped valid_seen/a/\\x1b[31mred: task type \\x07\n");
    expect(notes).toContain("valid_seen/a/\\x1b[31mred (task type \\x07)");
  });

  test("sees the map of what has been seen", async () => {
    using root = new TemporaryDirectory();
    const folder = writeFolder(root.path, ID);
    const typed = ["go to shelf 1", "take mug 1 from shelf 1", "go to fridge 1", ":map"];
    const { notes } = await runCli(["play", "alfworld", "--task", folder], typed);
    expect(notes.split("\n").slice(1)).toEqual([
      "  bathtubbasin 1 ?",
      "  cabinet 1      ?",
      "  countertop 1   ?",
      "  drawer 1       ?",
      "▸ fridge 1       ?",
      "  microwave 1    ?",
      "  shelf 1        knife 1",
      "  sinkbasin 1    ?",
      "  in hand: mug 1",
    ]);
  });

  test("is told what can be done by an empty line, and by the tabulator", async () => {
    using root = new TemporaryDirectory();
    const folder = writeFolder(root.path, ID);
    const { notes } = await runCli(["play", "alfworld", "--task", folder], [""]);
    const listed = notes.split("\n").slice(1);
    expect(listed).toHaveLength(11);
    expect(complete("go to f", listed)).toEqual([["go to fridge 1"], "go to f"]);
    expect(complete("xyz", listed)).toEqual([[], "xyz"]);
    expect(complete("", listed)[0]).toEqual(listed);
  });
});
