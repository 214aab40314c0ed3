import { beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { openModel } from "../../src/model/builtin.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";
import { readAll } from "../support/tiny-model.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const directory = new TemporaryDirectory();
const rollouts = directory.file("rollouts.jsonl");
let lines: string[];
beforeAll(async () => {
  const short = ["--max-turns", "2", "--max-tokens-per-turn", "6"];
  const task = ["--env", "textcraft", "--episodes", "4", "--group-size", "4"];
  const { code } = await runCli([
    "rollout",
    "--model",
    "builtin:tiny",
    ...task,
    ...short,
    "--out",
    rollouts,
  ]);
  expect(code).toBe(0);
  lines = readFileSync(rollouts, "utf8").trim().split("\n");
  // Returns that differ, whatever the policy did.
  lines = lines.map((line, i) => line.replace('"return":0', `"return":${i % 2}`));
  writeFileSync(rollouts, `${lines.join("\n")}\n`);
});

function update(file: string, out: string, ...more: string[]) {
  return runCli(["update", "--trajectories", file, "--out", out, "--json", ...more]);
}

test("one update is made at the rate that is written down", async () => {
  const out = directory.file("updated");
  const rate = 1e-3;
  const set = ["--set", `optimizer.learning_rate=${rate}`];
  const { code, out: printed } = await update(rollouts, out, ...set);
  expect(code).toBe(0);
  expect(JSON.parse(printed)).toMatchObject({ learning_rate: rate, updates_skipped: 0 });
  const before = readAll(openModel("builtin:tiny"));
  const after = readAll(openModel(out));
  // AdamW's first step moves a weight by the rate, whatever its gradient's size.
  const name = "model.layers.1.mlp.down_proj.weight";
  const old = before.get(name)!;
  const moved = after.get(name)!.map((value, i) => Math.abs(value - old[i]!));
  expect(Math.max(...moved)).toBeLessThan(1.01 * rate);
  const full = moved.filter((distance) => distance > 0.99 * rate).length;
  expect(full / moved.length).toBeGreaterThan(0.9);
});

test("groups of one are refused, and a bonus without a successor is noted", async () => {
  const alone = lines.map((text, i) => text.replace(/"group":"[^"]*"/, `"group":"${i}"`));
  const file = directory.file("alone.jsonl", `${alone.join("\n")}\n`);
  const refused = await update(file, directory.file("no"));
  expect(refused.code).toBe(2);
  expect(refused.notes).toContain("every group has one episode");
  const short = lines.map((text) => {
    const episode = JSON.parse(text);
    return JSON.stringify({ ...episode, steps: episode.steps.slice(0, 1) });
  });
  const first = directory.file("first.jsonl", `${[...short, alone[0]].join("\n")}\n`);
  const cut = directory.file("cut.jsonl", `${short.join("\n")}\n`);
  expect((await update(cut, directory.file("a"))).notes).toContain("there is no bonus");
  expect((await update(first, directory.file("b"))).notes).toContain("1 of 2 groups have one");
});

test("the norm of seq-mean-token-sum-norm is what an episode may sample, unless it is given", async () => {
  const gradient = async (name: string, ...more: string[]) => {
    const keys = ["modulation.type=none", "algorithm.loss_aggregation=seq-mean-token-sum-norm"];
    const set = [...keys, "algorithm.std=false", ...more].flatMap((key) => ["--set", key]);
    return JSON.parse((await update(rollouts, directory.file(name), ...set)).out).grad_norm;
  };
  const longest = ["env.max_turns=5", "rollout.max_tokens_per_turn=6"];
  const absent = await gradient("absent", ...longest);
  expect(absent).toBeGreaterThan(0);
  expect(await gradient("given", ...longest, "algorithm.loss_norm=30")).toBe(absent);
  const half = await gradient("half", ...longest, "algorithm.loss_norm=60");
  expect((2 * half) / absent).toBeClose(1, TOLERANCE.gradient);
});

test("the entropy bonus is a part of the loss", async () => {
  const set = ["--set", "algorithm.entropy_coefficient=0.5", "--set", "modulation.type=none"];
  const { out } = await update(rollouts, directory.file("bonus"), ...set);
  const row = JSON.parse(out);
  expect(row.entropy_loss).toBeLessThan(-0.01);
  expect(row.loss).toBeClose(row.policy_loss + row.kl_loss + row.entropy_loss, TOLERANCE.exact);
});

test.each([
  [
    "every episode has a fault",
    (line: string) => line.replace(/"end":"\w+"/, '"end":"fault"'),
    "no sampled token of an episode without a fault",
  ],
  [
    "an entropy below zero",
    (line: string) => line.replace('"entropies":[', '"entropies":[-5,'),
    "steps[0].entropies[0]: found -5",
  ],
  [
    "a log-probability above zero",
    (line: string) => line.replace('"logprobs":[', '"logprobs":[50,'),
    "steps[0].logprobs[0]: found 50",
  ],
  [
    "a return that single precision cannot hold",
    (line: string) => line.replace(/"return":\d/, '"return":1e308'),
    "return: found 1e+308",
  ],
  [
    "a context that begins with a sampled token",
    (line: string) => line.replace(/"prompt_tokens":\[[^\]]*\]/, '"prompt_tokens":[]'),
    "steps[0].prompt_tokens: found none",
  ],
])("refused, and nothing written: %s", async (_, change, message) => {
  const bad = directory.file("bad.jsonl", `${lines.map(change).join("\n")}\n`);
  const out = directory.file("never");
  const { code, notes } = await update(bad, out);
  expect(code).toBe(2);
  expect(notes).toContain(message);
  expect(await Bun.file(`${out}/config.json`).exists()).toBe(false);
});

test("repeats and dead ends are counted where the trajectories tell states, and left out where not", async () => {
  const told = lines.map((text) => {
    const episode = JSON.parse(text);
    const [first] = episode.steps;
    // The same again in the same state.
    return JSON.stringify({ ...episode, steps: [first, { ...first, prompt_tokens: [] }] });
  });
  const file = directory.file("told.jsonl", `${told.join("\n")}\n`);
  const row = JSON.parse((await update(file, directory.file("counted"))).out);
  expect(row).toMatchObject({ repeated_actions_mean: 1, repeated_action_rate: 0.5 });
  const untold = told.map((text) => text.replace(/"state":"[^"]*",/g, ""));
  expect(untold.join()).not.toContain('"state"');
  const without = directory.file("untold.jsonl", `${untold.join("\n")}\n`);
  const keys = Object.keys(JSON.parse((await update(without, directory.file("uncounted"))).out));
  expect(keys).toContain("invalid_actions_mean");
  for (const key of ["repeated_actions_mean", "repeated_action_rate", "dead_ends_mean"]) {
    expect(keys).not.toContain(key);
  }
});

test("log-probabilities that leave no gradient are told as what they are", async () => {
  const far = lines.map((text) => {
    const episode = JSON.parse(text);
    for (const step of episode.steps) step.logprobs = step.logprobs.map(() => -1e30);
    return JSON.stringify(episode);
  });
  const file = directory.file("far.jsonl", `${far.join("\n")}\n`);
  const { notes } = await update(file, directory.file("far"));
  expect(notes).toContain("every ratio is at a limit; are the log-probabilities this model's?");
  expect(notes).not.toContain("every advantage is 0");
});

test.each([
  ["a place below a file", ["--out", `${rollouts}/model`], "a part of the path is not a directory"],
  ["more than one update", ["--set", "train.epochs=3"], "--set train.epochs=3: one update alone"],
  ["several minibatches", ["--set", "train.minibatches = 10"], "one update alone is made"],
])("refused: %s", async (_, more, problem) => {
  const place = more.includes("--out") ? [] : ["--out", directory.file("none")];
  const { code, notes } = await runCli(["update", "--trajectories", rollouts, ...place, ...more]);
  expect(code).toBe(2);
  expect(notes).toContain(problem);
});

test("an update that nothing teaches says so", async () => {
  const equal = lines.map((text) => text.replace(/"return":[0-9.e+-]+/, '"return":1'));
  const file = directory.file("equal.jsonl", `${equal.join("\n")}\n`);
  const set = ["--set", "algorithm.uniform_groups=drop"];
  const { notes, out } = await update(file, directory.file("unmoved"), ...set);
  expect(notes).toContain("no group teaches anything");
  expect(JSON.parse(out)).toMatchObject({ groups_used: 0 });
  const plain = ["--set", "modulation.type=none", "--set", "algorithm.kl_coefficient=0"];
  const kept = await update(file, directory.file("unmoved-too"), ...plain);
  expect(kept.notes).toContain("nothing is learned: every advantage is 0");
});

test.each(["tokens", "prompt_tokens"])(
  "one of %s that the model has not is told by file, line and place",
  async (key) => {
    const episode = JSON.parse(lines[1]!);
    episode.steps[1][key] = [987654, ...episode.steps[1][key].slice(1)];
    const file = directory.file("foreign.jsonl", `${lines[0]}\n${JSON.stringify(episode)}\n`);
    const { code, notes } = await update(file, directory.file("foreign"));
    expect(code).toBe(2);
    expect(notes).toContain(
      `foreign.jsonl:2: steps[1].${key}[0]: found 987654, allowed: the model's ids, 0 to `,
    );
  },
);

test("a method that compares no groups says that it is told to leave some out", async () => {
  const said = async (name: string, ...set: string[]) => {
    const own = ["algorithm.method=reinforce", ...set].flatMap((key) => ["--set", key]);
    return (await update(rollouts, directory.file(name), ...own)).notes;
  };
  const message = '"reinforce" compares no groups and would learn from them';
  expect(await said("dropped", "algorithm.uniform_groups=drop")).toContain(message);
  expect(await said("kept", "algorithm.uniform_groups=keep")).not.toContain(message);
});
