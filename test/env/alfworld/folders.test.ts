import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { writeTar } from "../../../src/build/tar.ts";
import { Alfworld } from "../../../src/env/alfworld/world.ts";
import { TemporaryDirectory } from "../../support/temporary.ts";
import { METADATA, PARTS, TRIAL, writeFolder } from "./little-game-file.ts";

const ID = `valid_seen/${TRIAL}`;

function archive(path: string, id: string): string {
  const files = Object.entries({ "game.tw-pddl": PARTS, "traj_data.json": METADATA });
  const entries = files.map(([name, content]) => ({
    ...{ name: `${id}/${name}`, contents: Buffer.from(JSON.stringify(content)), mode: 0o644 },
  }));
  writeFileSync(path, gzipSync(writeTar(entries)));
  return path;
}

describe("games are found", () => {
  test("in the official layout and in any part of it, under the same id", () => {
    using root = new TemporaryDirectory();
    const folder = writeFolder(join(root.path, "json_2.1.1"), ID);
    for (const part of ["", "json_2.1.1", "json_2.1.1/valid_seen", `json_2.1.1/${ID}`]) {
      const world = new Alfworld({ data: join(root.path, part) });
      expect(world.splits).toEqual({ valid_seen: [ID] });
    }
    const world = new Alfworld({ data: root.path });
    const { opening } = world.start(ID, 0);
    for (const task of [TRIAL, folder, `json_2.1.1/${ID}`]) {
      expect(world.start(task, 0)).toMatchObject({ task: ID, opening });
    }
    expect(new Alfworld().start(folder, 0).opening).toBe(opening);
  });

  test("in an archive, and in a directory of archives", () => {
    using root = new TemporaryDirectory();
    const short = "valid_seen/t/r";
    const path = archive(join(root.path, "games.tar.gz"), `json_2.1.1/${short}`);
    expect(new Alfworld({ data: path }).splits).toEqual({ valid_seen: [short] });
    archive(join(root.path, "trial.tgz"), "t/r");
    expect(new Alfworld({ data: root.path }).splits).toEqual({
      valid_seen: [short],
      trial: ["trial/t/r"],
    });
  });

  test("splits come in the release's order, others after them", () => {
    using root = new TemporaryDirectory();
    for (const split of ["mine", "valid_train", "valid_unseen", "train"]) {
      writeFolder(root.path, `${split}/${TRIAL}`);
    }
    expect(Object.keys(new Alfworld({ data: root.path }).splits)).toEqual([
      ...["train", "valid_unseen", "valid_train", "mine"],
    ]);
  });

  test("of two copies of an id the one with its metadata is taken", () => {
    using root = new TemporaryDirectory();
    writeFolder(join(root.path, "a"), ID, { "game.tw-pddl": { ...PARTS, solvable: false } });
    writeFolder(join(root.path, "b"), ID);
    expect(new Alfworld({ data: root.path }).splits).toEqual({ valid_seen: [ID] });
  });
});

describe("a problem and its metadata alone", () => {
  test("make the same game, in the stock words", () => {
    using root = new TemporaryDirectory();
    const files = { "initial_state.pddl": PARTS.pddl_problem, "traj_data.json": METADATA };
    writeFolder(root.path, ID, files);
    writeFolder(root.path, "train/whole/one");
    const world = new Alfworld({ data: root.path });
    const [bare, whole] = [world.start(ID, 0), world.start("train/whole/one", 0)];
    expect(bare.opening.split("\n\n").slice(0, 2)).toEqual(whole.opening.split("\n\n").slice(0, 2));
    expect(bare.opening).toMatch(
      /(put a hot apple in fridge|heat some apple and put it in fridge)\.$/,
    );
    const [expert, other] = [world.expert(bare), world.expert(whole)];
    for (;;) {
      const action = expert.next();
      expect(other.next()).toBe(action);
      const outcome = bare.step(action);
      expect(whole.step(action)).toEqual(outcome);
      if (outcome.end !== null) break;
    }
  });
});

describe("what is not played is counted and named", () => {
  test("a problem alone that nobody can solve is unsolvable", () => {
    using root = new TemporaryDirectory();
    const bare = (id: string, pddl: string) =>
      writeFolder(root.path, id, { "initial_state.pddl": pddl, "traj_data.json": METADATA });
    bare("train/a/fine", PARTS.pddl_problem);
    bare("train/b/no-apples", PARTS.pddl_problem.replaceAll("(heatable apple", "(moveable apple"));
    bare(
      "train/c/no-way-back",
      PARTS.pddl_problem.replace("(canContain FridgeType AppleType)", ""),
    );
    bare("train/d/no-microwave", PARTS.pddl_problem.replaceAll("MicrowaveType", "ShelfType"));
    bare("train/e/odd-goal", PARTS.pddl_problem.replace("(isHot ?o)", "(isSliced ?o)"));
    const notes: string[] = [];
    const world = new Alfworld({ data: root.path, note: (line) => notes.push(line) });
    expect(world.splits).toEqual({ train: ["train/a/fine"] });
    expect(notes).toEqual([
      "alfworld: skipped 4 of the 5 games of train: train/b/no-apples (unsolvable), " +
        "train/c/no-way-back (unsolvable), train/d/no-microwave (unsolvable), and 1 more: " +
        "empg envs alfworld --data DIR lists all",
    ]);
    expect(() => world.start("train/e/odd-goal", 0)).toThrow("the goal is none of the six kinds");
  });

  test("incomplete folders, unsolvable games, other tasks; movable and sliced ones are silent", () => {
    using root = new TemporaryDirectory();
    const game = { "game.tw-pddl": PARTS };
    const { solvable, ...unsaid } = PARTS;
    writeFolder(root.path, "train/a/fine");
    writeFolder(root.path, "train/b/no-metadata", game);
    writeFolder(root.path, "train/c/unsolvable", {
      ...{ "game.tw-pddl": { ...PARTS, solvable: false }, "traj_data.json": METADATA },
    });
    writeFolder(root.path, "train/d/unsaid", {
      ...{ "game.tw-pddl": unsaid, "traj_data.json": METADATA },
    });
    writeFolder(root.path, "train/e/metadata-only", { "traj_data.json": METADATA });
    writeFolder(root.path, "train/f/other", {
      ...{ ...game, "traj_data.json": { ...METADATA, task_type: "juggle" } },
    });
    writeFolder(root.path, "train/pick_and_place_with_movable_recep-x/g");
    writeFolder(root.path, "train/pick_and_place_simple-AppleSliced-x/h");
    const notes: string[] = [];
    const world = new Alfworld({ data: root.path, note: (line) => notes.push(line) });
    expect(world.splits).toEqual({ train: ["train/a/fine"] });
    expect(notes).toEqual([
      "alfworld: skipped 5 of the 6 games of train: train/b/no-metadata (no traj_data.json), " +
        "train/c/unsolvable (unsolvable), train/d/unsaid (game.tw-pddl does not say whether it is " +
        "solvable), and 2 more: empg envs alfworld --data DIR lists all",
    ]);
    expect(world.skipped().slice(3)).toEqual([
      { task: "train/e/metadata-only", reason: "no game.tw-pddl" },
      { task: "train/f/other", reason: "task type juggle" },
    ]);
    expect(world.start("train/c/unsolvable", 0).step("go to fridge 1").valid).toBe(true);
  });
});

/** An apple on a shelf, not hot: a fact that must not hold makes none of the six kinds. */
const COLD = `(exists (?r - receptacle) (exists (?o - object) (and (inReceptacle ?o ?r) (objectType ?o AppleType)
  (receptacleType ?r ShelfType) (not (isHot ?o)))))`;

function withGoal(goal: string): string {
  return PARTS.pddl_problem.replace(/\(:goal[\s\S]*/, `(:goal (and ${goal}))))`);
}

describe("a game that does not open is skipped, whatever is wrong with it, and refused by name", () => {
  const problem = PARTS.pddl_problem;
  const broken: Readonly<Record<string, readonly [Record<string, unknown>, reason: string]>> = {
    "a/cut": [{ "game.tw-pddl": JSON.stringify(PARTS).slice(0, 500) }, "game.tw-pddl: not JSON: "],
    "b/text": [
      { "game.tw-pddl": '{"solvable": true}' },
      "game.tw-pddl: pddl_domain: expected a text",
    ],
    "c/pddl": [
      { "game.tw-pddl": { ...PARTS, pddl_problem: problem.replace("(:init", "(:int") } },
      'expected :objects, :init or :goal, found ":int"',
    ],
    "d/goal": [
      { "game.tw-pddl": { ...PARTS, pddl_problem: problem.replace("(:goal (and", "(:goal (or") } },
      "is not a fact",
    ],
    "e/never": [
      {
        "game.tw-pddl": {
          ...PARTS,
          pddl_problem: problem.replaceAll("(heatable apple", "(moveable apple"),
        },
      },
      "unsolvable",
    ],
    "e/other": [
      { "game.tw-pddl": { ...PARTS, pddl_problem: withGoal("(opened fridge_bar_a)") } },
      "its goal is none of the six kinds",
    ],
    "e/without": [
      { "game.tw-pddl": { ...PARTS, pddl_problem: withGoal(COLD) } },
      "its goal is none of the six kinds",
    ],
    "f/metadata": [{ "game.tw-pddl": PARTS, "traj_data.json": "{" }, "traj_data.json: not JSON: "],
    "g/key": [{ "game.tw-pddl": PARTS, "traj_data.json": "{}" }, "traj_data.json: task_type: "],
    "h/bytes": [{ "initial_state.pddl": "\0(define" }, "initial_state.pddl:1: "],
    "i/bare": [{ "initial_state.pddl": problem.slice(0, 900) }, "initial_state.pddl:"],
  };

  test("beside games that do", () => {
    using root = new TemporaryDirectory();
    writeFolder(root.path, "train/z/fine");
    for (const [name, [files]] of Object.entries(broken)) {
      writeFolder(root.path, `train/${name}`, { "traj_data.json": METADATA, ...files });
    }
    const world = new Alfworld({ data: root.path });
    expect(world.splits).toEqual({ train: ["train/z/fine"] });
    const skipped = world.skipped();
    expect(skipped.map(({ task }) => task)).toEqual(
      Object.keys(broken).map((name) => `train/${name}`),
    );
    for (const [i, [, reason]] of Object.values(broken).entries()) {
      expect(skipped[i]?.reason).toContain(reason);
      expect(skipped[i]?.reason).not.toContain(root.path);
    }
    expect(() => world.start("train/c/pddl", 0)).toThrow(
      /train\/c\/pddl\/game.tw-pddl: pddl_problem:\d+: expected :objects, :init or :goal, found ":int"$/,
    );
  });

  test("and a split is only looked through when its tasks are asked for", () => {
    using root = new TemporaryDirectory();
    for (const split of ["train", "valid_seen"]) {
      writeFolder(root.path, `${split}/a/fine`);
      writeFolder(root.path, `${split}/b/cut`, { "game.tw-pddl": "{", "traj_data.json": METADATA });
    }
    const notes: string[] = [];
    const world = new Alfworld({ data: root.path, note: (line) => notes.push(line) });
    expect(Object.keys(world.splits)).toEqual(["train", "valid_seen"]);
    expect(world.start("train/a/fine", 0).task).toBe("train/a/fine");
    expect(notes).toEqual([]);
    expect(world.splits.valid_seen).toEqual(["valid_seen/a/fine"]);
    expect(world.splits.valid_seen).toBe(world.splits.valid_seen as readonly string[]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toStartWith(
      "alfworld: skipped 1 of the 2 games of valid_seen: valid_seen/b/cut (game.tw-pddl: not JSON",
    );
    expect(world.kindOf("train/a/fine")).toBe("Heat");
    expect(world.kindOf("train/b/cut")).toBeUndefined();
    expect(world.skipped()).toHaveLength(2);
  });
});

describe("what cannot be read is refused", () => {
  const refusal = (data: string, task?: string) => {
    try {
      const world = new Alfworld({ data });
      if (task !== undefined) world.start(task, 0);
    } catch (error) {
      return `${(error as Error).name} ${(error as Error).message.replaceAll(data, "DATA")}`;
    }
    return "nothing";
  };

  test("no such path, a file, an empty directory, a broken archive", () => {
    using root = new TemporaryDirectory();
    expect(refusal(join(root.path, "none"))).toBe(
      "UserError DATA: cannot read: no such file or directory",
    );
    expect(refusal(root.file("a.txt", "x"))).toContain("expected a directory or a .tar.gz archive");
    expect(refusal(root.file("a.tar.gz", "x"))).toContain("DATA: not a whole .tar.gz archive");
    mkdirSync(join(root.path, "empty"));
    expect(refusal(join(root.path, "empty"))).toContain("no ALFWorld games in it");
    const whole = archive(join(root.path, "b.tar.gz"), "train/t/r");
    const cut = root.file(
      "c.tar.gz",
      gzipSync(
        writeTar([
          { name: "train/t/r/game.tw-pddl", contents: new Uint8Array(2000), mode: 0o644 },
        ]).subarray(0, 1500),
      ),
    );
    expect(refusal(cut)).toContain(
      "DATA: not a whole .tar.gz archive: the tar archive is truncated",
    );
    expect(refusal(whole)).toBe("nothing");
  });

  test("metadata that is no text, where a person's description is asked for", () => {
    using root = new TemporaryDirectory();
    const folder = writeFolder(root.path, ID);
    writeFileSync(join(folder, "traj_data.json"), new Uint8Array([0xff, 0xfe]));
    const world = new Alfworld({ data: root.path, option: { goals: "human" } });
    expect(() => world.start(ID, 0)).toThrow(`${folder}/traj_data.json: not UTF-8 text`);
    expect(world.skipped()).toEqual([{ task: ID, reason: "traj_data.json: not UTF-8 text" }]);
  });

  test("a folder of games or archives as a task: none of them is meant", () => {
    using root = new TemporaryDirectory();
    archive(join(root.path, "games.tar.gz"), "json_2.1.1/valid_seen/t/r");
    writeFolder(root.path, ID);
    const hint = (path: string) =>
      `${path} is no game folder itself; --data takes directories and archives of games`;
    const told = (world: Alfworld, task: string) => {
      try {
        return world.start(task, 0).task;
      } catch (error) {
        return (error as { hint?: string }).hint;
      }
    };
    const data = new Alfworld({ data: root.path });
    for (const path of [
      root.path,
      join(root.path, "games.tar.gz"),
      join(root.path, "valid_seen"),
    ]) {
      expect(told(new Alfworld(), path)).toBe(hint(path));
      expect(told(data, path)).toBe(hint(path));
    }
    expect(told(data, "valid_seen")).toBe(hint(join(root.path, "valid_seen")));
  });

  test("an unknown game, naming the nearest", () => {
    using root = new TemporaryDirectory();
    writeFolder(root.path, ID);
    expect(refusal(root.path, ID.replace("Apple", "Aple"))).toContain("no game");
    try {
      new Alfworld({ data: root.path }).start(ID.replace("Apple", "Aple"), 0);
    } catch (error) {
      expect((error as { hint?: string }).hint).toBe(`did you mean "${ID}"?`);
    }
  });

  test.each([
    [{ colour: "red" }, 'unknown option "colour" (allowed: format, reward, goals, kinds)'],
    [{ format: "verse" }, 'option format: found "verse", allowed: "compact" or "text"'],
    [{ reward: "5" }, 'option reward: found "5", allowed: "1" or "10"'],
    [
      { kinds: "Pick,Juggle" },
      'option kinds: found "Pick,Juggle", allowed: Pick, Look, Clean, Heat, Cool, Pick2',
    ],
    [{ goals: "human" }, "option goals=human needs real games"],
  ])("option %p", (option, message) => {
    expect(() => new Alfworld({ option: option as unknown as Record<string, string> })).toThrow(
      message,
    );
  });
});
