import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lockFile } from "../../src/core/file-lock.ts";
import { runCli } from "../support/run-cli.ts";
import { SMALL } from "../support/small-run.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const FLAGS = [...SMALL, "train.iterations=1"].flatMap((pair) => ["--set", pair]);

test.each([
  [["--set", "eval.split=held"], 'no split "held"'],
  [["--set", "model.path=/nowhere"], "/nowhere/config.json: cannot read"],
  [["--set", "run.memory_gib=0.001"], "training needs"],
  [["--device", "gpu-of-nobody"], "no such adapter"],
])("a run that is refused leaves no directory: %j", async (wrong, message) => {
  using temporary = new TemporaryDirectory();
  const out = temporary.file("run");
  const { code, notes } = await runCli(["train", ...FLAGS, "--out", out, ...wrong]);
  expect(code).toBe(2);
  expect(notes).toContain(message);
  expect(existsSync(out)).toBe(false);
});

test("what a resumed run is told is kept; another process is kept out", async () => {
  using temporary = new TemporaryDirectory();
  const out = temporary.file("run");
  const first = await runCli(["train", ...FLAGS, "--out", out]);
  expect(first.code).toBe(0);
  const resume = ["train", "--resume", out, "--set", "train.iterations=2", "--json"];
  {
    using _held = lockFile(join(out, ".lock"));
    const refused = await runCli(resume);
    expect(refused.code).toBe(2);
    expect(refused.notes).toContain("another process trains in this run directory");
  }
  expect(JSON.parse((await runCli(resume)).out)).toMatchObject({ end: "done", iterations: 2 });
  expect(readFileSync(join(out, "config.toml"), "utf8")).toContain("iterations = 2");
  // A finished run that is resumed once more says the same.
  const again = await runCli(["train", "--resume", out, "--json"]);
  expect(JSON.parse(again.out)).toMatchObject({ end: "done", iterations: 2 });
}, 300_000);

test("a run that collapses and is told to stop exits with 3, and says why", async () => {
  using temporary = new TemporaryDirectory();
  const out = temporary.file("run");
  const wanted = [
    "train.on_collapse=stop",
    "train.collapse.entropy_floor=50",
    "train.iterations=4",
  ];
  const unequal = ["env.invalid_action_penalty=0.1", "algorithm.uniform_groups=keep"];
  const set = [...wanted, ...unequal].flatMap((pair) => ["--set", pair]);
  const {
    code,
    notes,
    out: printed,
  } = await runCli([...["train", ...FLAGS, ...set, "--out", out, "--json"]]);
  expect(code).toBe(3);
  expect(JSON.parse(printed)).toMatchObject({ end: "diverged", iterations: 2 });
  const told = /^collapse iteration 2: entropy-floor, [\d.]+ is below 50: stop$/m;
  expect(notes).toMatch(told);
  expect(readFileSync(join(out, "log.txt"), "utf8")).toMatch(told);
  const row = JSON.parse(readFileSync(join(out, "collapse.jsonl"), "utf8"));
  expect(row).toMatchObject({ iteration: 2, signal: "entropy-floor", limit: 50, action: "stop" });
}, 300_000);

test.each(["alfworld", "webshop", "deepsearch"])(
  "%s: a model that was made for another world is refused before anything is written",
  async (world) => {
    using temporary = new TemporaryDirectory();
    const out = temporary.file("run");
    const set = ["--set", `env.name=${world}`, "--set", "model.path=builtin:tiny"];
    const { code, notes } = await runCli(["train", ...set, "--out", out]);
    expect(code).toBe(2);
    expect(notes).toMatch(
      /builtin:tiny knows \d+ % of the words that \w+ begins with: it was made for another world/,
    );
    expect(existsSync(out)).toBe(false);
  },
);

test.each(["alfworld", "webshop", "deepsearch"])(
  "%s is trained on with the built-in model that knows its words",
  async (world) => {
    using temporary = new TemporaryDirectory();
    const out = temporary.file("run");
    const small = ["rollout.tasks_per_iteration=2", "rollout.group_size=2", "env.max_turns=4"];
    const quick = [...small, "train.minibatches=1", "train.iterations=1", "eval.episodes=2"];
    const set = [`env.name=${world}`, "eval.beside=false", ...quick].flatMap((pair) => [
      "--set",
      pair,
    ]);
    const { code, notes } = await runCli(["train", ...set, "--out", out]);
    expect(code).toBe(0);
    expect(notes).toContain(`empg · ${world} · builtin:${world}`);
    const config = readFileSync(join(out, "config.toml"), "utf8");
    expect(config).toContain(`path = "builtin:${world}"`);
    expect(config).toContain('split = "heldout"');
  },
  300_000,
);
