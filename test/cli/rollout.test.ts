import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { readTrajectories } from "../../src/rollout/trajectory.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const ENV = ["--env", "textcraft", "--option", "distractors=2"];
const device = process.env.EMPG_TEST_DEVICE ?? "auto";

test("the expert's episodes need no device, are solved, and follow from the seed", async () => {
  using directory = new TemporaryDirectory();
  const play = async (name: string, seed: string) => {
    const out = directory.file(name);
    const args = ["--episodes", "5", "--max-turns", "40", "--seed", seed, "--out", out, "--json"];
    const result = await runCli(["rollout", "--policy", "expert", ...ENV, ...args]);
    expect([result.code, result.notes]).toEqual([0, ""]);
    expect(JSON.parse(result.out)).toMatchObject({ file: out, episodes: 5, success_rate: 1 });
    return readFileSync(out, "utf8");
  };
  const first = await play("a.jsonl", "1");
  expect(await play("b.jsonl", "1")).toBe(first);
  expect(await play("c.jsonl", "2")).not.toBe(first);
});

test("a model's episodes come in groups that share task and opening", async () => {
  using directory = new TemporaryDirectory();
  const out = directory.file("r.jsonl");
  // Hot enough that two members drawing independently cannot well write the same first turn.
  const size = ["--episodes", "4", "--group-size", "2", "--max-turns", "2", "--temperature", "3"];
  const args = ["rollout", "--model", "builtin:tiny", ...ENV, ...size, "--out", out];
  const { code } = await runCli([...args, "--device", device]);
  expect(code).toBe(0);
  const found = await Array.fromAsync(readTrajectories(out));
  expect(found.map(({ group }) => group)).toEqual(
    ["0", "0", "1", "1"].map((group) => `textcraft/${group}`),
  );
  const openings = found.map(({ steps }) => steps[0]!.prompt_tokens.join(" "));
  expect(openings[0]).toBe(openings[1]!);
  expect(openings[0]).not.toBe(openings[2]!);
  expect(found[0]!.steps[0]!.tokens).not.toEqual(found[1]!.steps[0]!.tokens);
  expect(existsSync(`${out}.partial`)).toBe(false);
});

test("a file that is there is not overwritten", async () => {
  using directory = new TemporaryDirectory();
  const out = directory.file("r.jsonl", "mine");
  const args = ["rollout", "--policy", "expert", ...ENV, "--episodes", "1", "--out", out];
  const { code, notes } = await runCli(args);
  expect([code, notes.split("\n")[0]]).toEqual([2, `error: --out ${out}: exists already`]);
  expect(readFileSync(out, "utf8")).toBe("mine");
});

test.each([
  [["--episodes", "1", "--out", "/tmp/x"], "error: rollout: --model M is missing"],
  [["--policy", "expert", "--episodes", "1"], "error: rollout: --out FILE is missing"],
  [["--policy", "expert", "--out", "/tmp/x"], "error: rollout: --episodes N is missing"],
  [
    ["--policy", "expert", "--episodes", "1", "--out", "/nowhere/x"],
    "error: --out /nowhere/x: there is no directory /nowhere",
  ],
])("%j is refused", async (args, message) => {
  const { code, notes } = await runCli(["rollout", ...ENV, ...args]);
  expect(code).toBe(2);
  expect(notes).toStartWith(message);
});
