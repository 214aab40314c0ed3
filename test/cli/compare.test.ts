import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openModel } from "../../src/model/builtin.ts";
import { claimComparison } from "../../src/train/comparison-plan.ts";
import { resolveConfig } from "../../src/train/config-file.ts";
import { demo } from "../../src/train/demo.ts";
import { planTraining } from "../../src/train/memory-plan.ts";
import { testGpu } from "../support/device.ts";
import { runCli } from "../support/run-cli.ts";
import { SMALL } from "../support/small-run.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

/** Two iterations or so. */
const QUICK = [...SMALL.slice(2), "train.checkpoint_every=1", "eval.beside=false"];
const FLAGS = [...QUICK.flatMap((pair) => ["--set", pair]), "--tokens", "100"];
const MAIN = new URL("../../src/cli/main.ts", import.meta.url).pathname;

const rows = (path: string, name: string) =>
  readFileSync(join(path, name), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** What must be the same bytes in two comparisons; times are not. */
function told(directory: string, runs: readonly string[]) {
  return runs.map((run) => {
    const path = join(directory, "runs", run);
    const metrics = readFileSync(join(path, "metrics.jsonl"), "utf8");
    return [metrics.replace(/,"time_rollout_ms.*/g, ""), rows(path, "eval.jsonl")];
  });
}

describe("a comparison", () => {
  const ARMS = [
    "--methods",
    "grpo,dapo+scale",
    "--arm",
    "max=grpo+empg,modulation.step_entropy=max",
  ];
  const RUNS = ["grpo/seed-0", "dapo+scale/seed-0", "max/seed-0"];

  test("gives every arm its method, the same weights and the same budget", async () => {
    using temporary = new TemporaryDirectory();
    const out = temporary.file("out");
    const command = ["compare", ...FLAGS, ...ARMS, "--out", out, "--json"];
    const { code, out: json, notes } = await runCli([...command, "--seeds", "1"]);
    expect(code).toBe(0);
    const table = JSON.parse(json);
    expect(table.arms.map(({ name }: { name: string }) => name)).toEqual([
      "grpo",
      "dapo+scale",
      "max",
    ]);
    for (const arm of table.arms) expect(arm.runs).toMatchObject([{ seed: 0, state: "done" }]);
    const config = (run: string) => readFileSync(join(out, "runs", run, "config.toml"), "utf8");
    expect(config(RUNS[0]!)).toMatch(/method = "grpo"[\s\S]*\[modulation\]\ntype = "none"/);
    expect(config(RUNS[1]!)).toMatch(
      /method = "dapo"[\s\S]*clip_high = 0.28[\s\S]*type = "empg"[\s\S]*zeta = 0\n/,
    );
    expect(config(RUNS[2]!)).toContain('step_entropy = "max"');
    for (const run of RUNS) {
      const metrics = rows(join(out, "runs", run), "metrics.jsonl");
      expect(metrics.at(-1).tokens_total).toBeGreaterThanOrEqual(100);
      // The budget ends a run with the iteration in which it is reached.
      expect(metrics.slice(0, -1).every((row) => row.tokens_total < 100)).toBe(true);
      expect(rows(join(out, "runs", run), "eval.jsonl")[0]).toEqual(
        rows(join(out, "runs", RUNS[0]!), "eval.jsonl")[0],
      );
    }
    const first = (run: string) => rows(join(out, "runs", run), "metrics.jsonl")[0];
    expect(first("max/seed-0").reward_mean).toBe(first("grpo/seed-0").reward_mean);
    for (const name of ["table.json", "table.md", "report.html"]) {
      expect(existsSync(join(out, name))).toBe(true);
    }
    expect(notes).toContain("3 runs in");

    // What is done is not done again; more seeds are added.
    const before = told(out, RUNS);
    const more = await runCli([...command, "--seeds", "2"]);
    expect(more.notes).toContain("3 runs in");
    expect(told(out, RUNS)).toEqual(before);
    expect(JSON.parse(more.out).arms[0].runs).toHaveLength(2);
  }, 300_000);

  test("that was interrupted goes on, and ends in the same bytes", async () => {
    using temporary = new TemporaryDirectory();
    const flags = [
      "--tokens",
      "400",
      ...FLAGS.slice(0, -2),
      "--methods",
      "grpo,dapo",
      "--seeds",
      "1",
    ];
    const runs = ["grpo/seed-0", "dapo/seed-0"];
    const [whole, cut] = [temporary.file("whole"), temporary.file("cut")];
    expect((await runCli(["compare", ...flags, "--out", whole])).code).toBe(0);

    const command = [process.execPath, MAIN, "compare", ...flags, "--out", cut];
    const run = Bun.spawn(command, { stdout: "ignore", stderr: "ignore" });
    while (!existsSync(join(cut, "runs/grpo/seed-0/checkpoints/latest"))) await Bun.sleep(5);
    run.kill("SIGTERM");
    expect(await run.exited).toBe(75);
    expect((await runCli(["compare", ...flags, "--out", cut])).code).toBe(0);
    expect(told(cut, runs)).toEqual(told(whole, runs));

    // A process that was killed before a run had its configuration leaves a directory without one.
    rmSync(join(cut, "runs/dapo/seed-0"), { recursive: true });
    mkdirSync(join(cut, "runs/dapo/seed-0"));
    writeFileSync(join(cut, "runs/dapo/seed-0/config.toml.partial"), "[ru");
    expect((await runCli(["compare", ...flags, "--out", cut])).code).toBe(0);
    expect(told(cut, runs)).toEqual(told(whole, runs));
  }, 300_000);

  test("that is told to stop before its first run is over ends with 75, and keeps its plan", async () => {
    using temporary = new TemporaryDirectory();
    const out = temporary.file("out");
    const flags = [...FLAGS, "--methods", "grpo", "--seeds", "1", "--out", out];
    const command = [process.execPath, MAIN, "compare", ...flags];
    const run = Bun.spawn(command, { stdout: "ignore", stderr: "ignore" });
    while (!existsSync(join(out, "compare.json"))) await Bun.sleep(1);
    run.kill("SIGTERM");
    expect(await run.exited).toBe(75);
    expect(existsSync(join(out, "runs/grpo/seed-0/eval.jsonl"))).toBe(false);
  }, 300_000);
});

describe("what cannot be compared is refused before anything is run", () => {
  test.each([
    [[], "compare: no methods"],
    [["--methods", "grpo,grop"], 'no method "grop" (allowed: grpo, dapo'],
    [["--methods", "grpo+emgp"], 'no method "grpo+emgp"'],
    [["--methods", "grpo+empg+scale"], 'no method "grpo+empg+scale"'],
    [["--methods", "grpo,grpo"], 'arm "grpo" is named twice'],
    // One directory, where capitals make no other one.
    [["--methods", "grpo", "--arm", "GRPO=grpo+empg"], 'arm "GRPO" is named twice'],
    [["--arm", "x"], "--arm x: expected NAME=METHOD"],
    [["--arm", "../x=grpo"], "--arm ../x=grpo: expected NAME=METHOD"],
    [["--arm", "x=grpo,env.option.distractors=9"], "an arm sets keys of [algorithm]"],
    [["--arm", "x=grpo,run.seed=7"], "an arm sets keys of [algorithm]"],
    [["--arm", "x=grpo+scale,modulation.zeta=0.3"], "grpo+scale means modulation.zeta = 0"],
    [["--arm", "x=grpo,modulation.zeta=0.3"], "grpo is not modulated"],
    [["--arm", "x=grpo+empg,modulation.type=none"], "grpo+empg means modulation.type = empg"],
    [["--arm", "x=grpo,train.token_budget=7"], "an arm sets keys of [algorithm]"],
    [["--arm", "x=grpo,algorithm.method=dapo"], "an arm sets keys of [algorithm]"],
    [["--arm", "x=grpo+empg,modulation.k=-1"], 'arm "x": modulation.k: found -1'],
    [["--methods", "grpo", "--set", "modulation.k=-1"], "--set: modulation.k: found -1"],
    [
      ["--methods", "grpo,grpo+scale", "--set", "modulation.k=0"],
      'arm "grpo+scale": modulation.k is 0',
    ],
    [
      ["--methods", "grpo+empg", "--set", "modulation.zeta=0.0"],
      'arm "grpo+empg": modulation.zeta is 0',
    ],
    [["--methods", "grpo", "--arm", "x=grpo"], 'arms "grpo" and "x" are one configuration'],
    [
      ["--methods", "grpo+empg,grpo+empg-robust", "--set", "modulation.normalization=robust"],
      'arms "grpo+empg" and "grpo+empg-robust" are one configuration',
    ],
    [
      ["--methods", "grpo", "--target", "40"],
      '--target: found "40", allowed: a number from 0 to 1',
    ],
    [["--methods", "grpo", "--set", "rollout.group_size=1"], 'method "grpo" compares'],
    [["--methods", "rloo", "--set", "rollout.group_size=1"], 'algorithm.method "rloo" compares'],
    [
      ["--methods", "grpo,grpo+empg", "--set", "env.max_turns=1"],
      'arm "grpo+empg": --set: modulation.zeta',
    ],
    [["--methods", "grpo", "--set", "algorithm.method=dapo"], "the names of the arms say that"],
    [["--methods", "grpo+empg", "--set", "modulation.type=none"], "the names of the arms say that"],
    [["--methods", "grpo", "--seed", "4294967294", "--seeds", "5"], "end at 4294967298"],
    [["--methods", "grpo", "--seeds", "1001"], "allowed: a whole number from 1 to 1000"],
    [["--arm", `${"x".repeat(101)}=grpo`], "expected NAME=METHOD"],
    [["--methods", "grpo", "--set", "algorithm.nonsense=1"], 'unknown key "algorithm.nonsense"'],
  ])("%j", async (args, message) => {
    using temporary = new TemporaryDirectory();
    const out = temporary.file("out");
    const { code, notes } = await runCli(["compare", ...FLAGS, "--out", out, ...args]);
    expect(notes).toContain(message);
    expect(code).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  test("an arm that does not fit the device, after others that do", async () => {
    using temporary = new TemporaryDirectory();
    const out = temporary.file("out");
    const { capacity } = await testGpu();
    // As small as a run can be made; a KL term keeps a reference beside it.
    const least = ["train.recompute_activations=true", "train.micro_batch_tokens=256"];
    const needed = (kl: string) => {
      const config = resolveConfig(demo, "test", [...QUICK, ...least, "rollout.rows=8", kl]);
      return planTraining(config, openModel("builtin:tiny"), capacity).totalBytes;
    };
    const KL = "algorithm.kl_coefficient=0.01";
    const [without, withKl] = [needed("algorithm.kl_coefficient=0"), needed(KL)];
    expect(without).toBeLessThan(withKl);
    const memory = ["--set", `run.memory_gib=${(without + withKl) / 2 / 2 ** 30}`];
    const arms = ["--methods", "grpo", "--arm", `kl=grpo,${KL}`];
    const { code, notes } = await runCli(["compare", ...FLAGS, ...memory, ...arms, "--out", out]);
    expect(code).toBe(2);
    expect(notes).toContain('arm "kl": training needs ');
    expect(existsSync(out)).toBe(false);
  });

  test("without a budget", async () => {
    const { code, notes } = await runCli(["compare", "--methods", "grpo", "--out", "/nowhere"]);
    expect(code).toBe(2);
    expect(notes).toContain("no token budget");
  });

  test("a directory of another comparison, or of something else", async () => {
    using temporary = new TemporaryDirectory();
    const out = temporary.file("out");
    const command = ["compare", ...FLAGS, "--methods", "grpo", "--seeds", "1", "--out", out];
    expect((await runCli(command)).code).toBe(0);
    const at = command.indexOf("--tokens");
    for (const [change, what] of [
      [
        ["--set", "optimizer.learning_rate=1"],
        "another configuration: optimizer.learning_rate is ",
      ],
      [["--tokens", "200"], "another token budget: 100, not 200"],
      [["--arm", "grpo=dapo"], "named twice"],
      [["--arm", "mine=grpo,algorithm.clip_low=0.15"], undefined],
      [["--arm", "mine=grpo,algorithm.clip_low=0.1"], 'another arm "mine"'],
      [["--arm", "Mine=grpo,algorithm.clip_low=0.15"], 'another arm "mine"'],
    ] as const) {
      const changed =
        change[0] === "--tokens" ? command.filter((_, i) => i !== at && i !== at + 1) : command;
      const { code, notes } = await runCli([...changed, ...change]);
      expect(code).toBe(what === undefined ? 0 : 2);
      if (what !== undefined) expect(notes).toContain(what);
    }
    const run = join(out, "runs/grpo/seed-0");
    const config = join(run, "config.toml");
    const text = readFileSync(config, "utf8");
    const refusals = [
      [/^seed = 0$/m, "seed = 7", "config.toml: run.seed is 7, but 0 in this comparison"],
      [
        /^clip_high = .*$/m,
        "clip_high = 0.3",
        "config.toml: algorithm.clip_high is 0.3, but 0.2 in",
      ],
    ] as const;
    for (const [key, value, problem] of refusals) {
      writeFileSync(config, text.replace(key, value));
      const { code, notes } = await runCli(command);
      expect(notes).toContain(problem);
      expect(code).toBe(2);
    }
    // Made on another device, with another memory, it is the same run.
    const elsewhere = text.replace(/^device = .*$/m, 'device = "gpu"\nmemory_gib = 5');
    writeFileSync(
      config,
      elsewhere.replace(/^micro_batch_tokens = .*$/m, "micro_batch_tokens = 512"),
    );
    expect((await runCli(command)).code).toBe(0);
    rmSync(run, { recursive: true });
    writeFileSync(run, "");
    const blocked = await runCli(command);
    expect(blocked.code).toBe(2);
    expect(blocked.notes).toContain("seed-0: no run to resume: config.toml is missing");
    using other = new TemporaryDirectory();
    other.file("file", "");
    const { code, notes } = await runCli([...command.slice(0, -1), other.path]);
    expect(code).toBe(2);
    expect(notes).toContain("holds something else than a comparison");
    expect(readdirSync(other.path)).toEqual(["file"]);
  }, 300_000);

  test("starting weights that are others than those the comparison began with", async () => {
    using temporary = new TemporaryDirectory();
    const [model, out] = [temporary.file("model"), temporary.file("out")];
    expect((await runCli(["export", "builtin:tiny", "--out", model])).code).toBe(0);
    const own = [...FLAGS, "--set", `model.path=${model}`, "--methods", "grpo", "--out", out];
    expect((await runCli(["compare", ...own, "--seeds", "1"])).code).toBe(0);
    const weights = join(model, "model.safetensors");
    const bytes = readFileSync(weights);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(weights, bytes);
    const { code, notes } = await runCli(["compare", ...own, "--seeds", "2"]);
    expect(code).toBe(2);
    expect(notes).toContain("another model: its runs began with other weights");
  }, 300_000);

  test("PPO with groups of one is no business of a method that is not compared", async () => {
    using temporary = new TemporaryDirectory();
    const one = ["--set", "rollout.group_size=1", "--set", "algorithm.uniform_groups=keep"];
    const command = ["compare", ...FLAGS, ...one, "--methods", "ppo", "--seeds", "1"];
    const { code } = await runCli([...command, "--out", temporary.file("out")]);
    expect(code).toBe(0);
  }, 300_000);

  test("a directory that another process works on", async () => {
    using temporary = new TemporaryDirectory();
    const out = temporary.file("out");
    using _lock = claimComparison(out);
    const { code, notes } = await runCli(["compare", ...FLAGS, "--methods", "grpo", "--out", out]);
    expect(code).toBe(2);
    expect(notes).toContain("another process makes this comparison");
    expect(readdirSync(out)).toEqual([".lock"]);
  });
});
