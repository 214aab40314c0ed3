import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readArms } from "../../src/report/arms.ts";
import { comparisonTable } from "../../src/report/comparison.ts";
import { completedConfig } from "../../src/train/completed-config.ts";
import { resolveConfig, writeConfig } from "../../src/train/config-file.ts";
import {
  armPath,
  evaluation,
  metrics,
  runConfig,
  savedEpisode,
  writeComparison,
  writeRun,
} from "../support/report-runs.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

function goodRun(path: string, seed = 0): string {
  return writeRun(path, {
    config: runConfig({ seed }),
    metrics: [metrics(1), metrics(30)],
    evaluations: [evaluation(0, { a: [0, 2] }), evaluation(30, { a: [1, 2] })],
  });
}

test.each<[string, (temporary: TemporaryDirectory) => string[], string, string]>([
  ["no run named", () => ["--json"], "report: RUN is missing", "hint: name run directories"],
  [
    "nothing to write",
    (t) => [goodRun(t.file("r"))],
    "report: nothing to write",
    "hint: empg report RUN --out",
  ],
  ["no such directory", () => ["/nowhere/run", "--json"], "/nowhere/run: no such directory", ""],
  ["a file", (t) => [t.file("f", "x"), "--json"], "f: is a file, expected a run directory", ""],
  ["an empty directory", (t) => [t.path, "--json"], "is empty, expected a run directory", ""],
  [
    "a directory that is no run",
    (t) => [join(t.file("x", ""), ".."), "--json"],
    "no run directory: config.toml is missing",
    "hint: name what empg train",
  ],
  [
    "a run that did nothing yet",
    (t) => [writeRun(t.file("r"), {}), "--json"],
    "nothing to report",
    "hint: wait",
  ],
  [
    "the same run twice",
    (t) => [goodRun(t.file("r")), t.file("r"), "--json"],
    "is named twice",
    "",
  ],
  [
    "a page with another ending",
    (t) => [goodRun(t.file("r")), "--out", t.file("page.txt")],
    "expected a name that ends with .html",
    "",
  ],
  [
    "a place that is not there",
    (t) => [goodRun(t.file("r")), "--out", t.file("no/page.html")],
    "there is no directory",
    "",
  ],
  [
    "a page that cannot be written",
    (t) => [goodRun(t.file("r")), "--out", goodRun(t.file("d.html"))],
    "d.html: is a directory",
    "hint: name a file in it",
  ],
  [
    "a page the system will not write",
    (t) => [goodRun(t.file("r")), "--out", "/proc/page.html"],
    "/proc/page.html: cannot write",
    "",
  ],
  [
    "a page below a file",
    (t) => [goodRun(t.file("r")), "--out", join(t.file("f", "x"), "page.html")],
    "cannot write: a part of the path is not a directory",
    "",
  ],
  ["a target beyond 1", (t) => [goodRun(t.file("r")), "--json", "--target", "40"], "--target", ""],
])("refused: %s", async (_, prepare, problem, hint) => {
  using temporary = new TemporaryDirectory();
  const { code, out, notes } = await runCli(["report", ...prepare(temporary)]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(notes).toStartWith("error: ");
  expect(notes).toContain(problem);
  expect(notes).toContain(hint);
});

test.each<[string, Parameters<typeof writeRun>[1], string]>([
  ["metrics", { metrics: [metrics(1), metrics(2, { kl: "much" })] }, "metrics.jsonl:2: kl: found"],
  [
    "an evaluation",
    { metrics: [metrics(1)], evaluations: [evaluation(1, { a: [1, 2] }, { split: 3 })] },
    "eval.jsonl:1: split: found",
  ],
  [
    "a task",
    { metrics: [metrics(1)], evaluations: [evaluation(1, { a: [3, 2] }, { success_rate: 1 })] },
    "eval.jsonl:1: by_task: found more wins than episodes",
  ],
  [
    "a signal",
    { metrics: [metrics(1)], signals: [{ iteration: 1, signal: "kl", action: "panic" }] },
    "collapse.jsonl:1: action: found",
  ],
  [
    "a trajectory",
    {
      metrics: [metrics(1)],
      rollouts: { 1: [savedEpisode("a#0", [{ tokens: [-1], entropies: [0] }])] },
    },
    "000001.jsonl:1: steps[0].tokens[0]: found",
  ],
])("a malformed line of %s is told by file, line and key", async (_, run, problem) => {
  using temporary = new TemporaryDirectory();
  const path = writeRun(temporary.file("run"), run);
  const { code, notes } = await runCli(["report", path, "--out", temporary.file("page.html")]);
  expect(code).toBe(2);
  expect(notes).toContain(problem);
  expect(existsSync(temporary.file("page.html"))).toBe(false);
});

test("a last line that is half written is left out, one in the middle is not", async () => {
  using temporary = new TemporaryDirectory();
  const path = goodRun(temporary.file("run"));
  const file = `${path}/metrics.jsonl`;
  const whole = readFileSync(file, "utf8");
  await Bun.write(file, `${whole}{"iteration":31,"rew`);
  const { code, out } = await runCli(["report", path, "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(out).arms[0].runs[0].iterations).toBe(30);
  await Bun.write(file, `{"iteration":1,"rew\n${whole}`);
  expect((await runCli(["report", path, "--json"])).notes).toContain("metrics.jsonl:1: not a JSON");
});

test("--json prints the comparison table, with and without a page", async () => {
  using temporary = new TemporaryDirectory();
  const arms = [{ name: "grpo", set: [] }];
  writeComparison(temporary.path, { config: "", arms, seeds: [0, 1], token_budget: null });
  goodRun(armPath(temporary.path, "grpo", 0));
  const table = JSON.parse(JSON.stringify(comparisonTable(readArms([temporary.path]))));
  const plain = await runCli(["report", temporary.path, "--json"]);
  expect(JSON.parse(plain.out)).toEqual(table);
  const page = temporary.file("page.html");
  const both = await runCli(["report", temporary.path, "--json", "--out", page]);
  expect(JSON.parse(both.out)).toEqual(table);
  expect(readFileSync(page, "utf8")).toContain("1 done, 1 missing");
});

test("runs that differ in seed and name alone are one arm; others are told apart by what differs", async () => {
  using temporary = new TemporaryDirectory();
  const paths = [0, 1].map((seed) => goodRun(temporary.file(`seed-${seed}`), seed));
  const robust = { type: "empg", k: 1, k_prime: 1, zeta: 0.1, normalization: "robust" };
  const scaled = { type: "empg", k: 1, k_prime: 1, zeta: 0 };
  for (const [name, modulation] of [
    ["robust", robust],
    ["scaled", scaled],
  ] as const) {
    paths.push(
      writeRun(temporary.file(name), { config: runConfig({ modulation }), metrics: [metrics(1)] }),
    );
  }
  const { out } = await runCli(["report", ...paths, "--json"]);
  const { arms } = JSON.parse(out) as { arms: { name: string; runs: unknown[] }[] };
  expect(arms.map(({ name, runs }) => [name, runs.length])).toEqual([
    ['grpo+empg · modulation.normalization="min-max"', 2],
    ['grpo+empg · modulation.normalization="robust"', 1],
    ["grpo+scale", 1],
  ]);
});

test.each([
  [["grpo", "grpo"], [0], "compare.json: arms: a name stands twice"],
  [["grpo"], [0, 1, 0], "compare.json: seeds: a seed stands twice"],
  [["../../elsewhere"], [0], 'compare.json: arms[0].name: found "../../elsewhere"'],
])(
  "a plan in which a run stands twice, or outside, is refused: %j %j",
  async (names, seeds, problem) => {
    using temporary = new TemporaryDirectory();
    const arms = names.map((name) => ({ name, set: [] }));
    writeComparison(temporary.path, { config: "", arms, seeds });
    goodRun(armPath(temporary.path, "grpo", 0));
    const { code, notes } = await runCli(["report", temporary.path, "--json"]);
    expect(code).toBe(2);
    expect(notes).toContain(problem);
  },
);

test("a key that one run's version had not yet, at its default in the other, makes no second arm", async () => {
  using temporary = new TemporaryDirectory();
  const written = (name: string, edit: (text: string) => string) => {
    const path = goodRun(temporary.file(name));
    writeFileSync(join(path, "config.toml"), edit(writeConfig(resolveConfig("", "test"))));
    return path;
  };
  const recent = written("recent", (text) => text);
  const old = written("old", (text) =>
    // Neither is every key there yet, nor is every one still known.
    text
      .replace(/^step_entropy = .*\n/m, "")
      .replace(/^beside = .*\n/m, "")
      .replace(/^\[train\.collapse\]\n(?:\w+ = .*\n)*/m, ""),
  );
  const other = written("other", (text) => text.replace(/^beside = .*$/m, "beside = false"));
  expect(readFileSync(join(old, "config.toml"), "utf8")).not.toMatch(/step_entropy|collapse]/);
  const names = async (...paths: string[]) => {
    const { arms } = JSON.parse((await runCli(["report", ...paths, "--json"])).out);
    return arms.map(({ name, runs }: { name: string; runs: [] }) => [name, runs.length]);
  };
  expect(await names(recent, old)).toEqual([["grpo+empg", 2]]);
  expect(await names(old, other)).toEqual([
    ["grpo+empg · eval.beside=true", 1],
    ["grpo+empg · eval.beside=false", 1],
  ]);
});

test("a device, and a switch that is written otherwise or left at its default, make no second arm", async () => {
  using temporary = new TemporaryDirectory();
  const run = (name: string, more: object, env: object) => {
    const config = runConfig({ name });
    const { run, env: world } = config as { run: object; env: object };
    return writeRun(temporary.file(name), {
      config: { ...config, run: { ...run, ...more }, env: { ...world, ...env } },
      metrics: [metrics(30)],
      evaluations: [evaluation(30, { a: [1, 2] })],
    });
  };
  const paths = [
    run("plain", {}, {}),
    run("elsewhere", { device: "software", memory_gib: 4 }, {}),
    run("number", {}, { option: { distractors: 10 } }),
    run("text", {}, { option: { distractors: "10", format: "compact" } }),
  ];
  const other = run("other", {}, { option: { distractors: 2 } });
  const { arms } = JSON.parse((await runCli(["report", ...paths, other, "--json"])).out);
  expect(arms.map(({ runs }: { runs: [] }) => runs.length)).toEqual([4, 1]);
  expect(arms[1].name).toBe('grpo+empg · env.option.distractors="2"');
  // All four have seed 0.
  const page = temporary.file("page.html");
  await runCli(["report", ...paths, "--out", page]);
  expect(readFileSync(page, "utf8")).toContain("more than one run of seed 0: each counts");
});

test("what a configuration says stays, known today or not; what it lacks is filled in", () => {
  const completed = completedConfig({
    train: { iterations: 7, gone: 1, collapse: { window: 3 } },
    env: { name: "textcraft", max_turns: -2 },
    algorithm: { method: "dapo" },
    more: { x: 1 },
  });
  expect(completed).toMatchObject({
    train: { iterations: 7, gone: 1, on_collapse: "warn", collapse: { window: 3, patience: 2 } },
    env: { max_turns: -2, split: "train" },
    algorithm: { method: "dapo", clip_high: 0.28, uniform_groups: "redraw" },
    modulation: { type: "empg" },
    more: { x: 1 },
  });
});

test("a run whose model is gone is reported without token texts, and that is said", async () => {
  using temporary = new TemporaryDirectory();
  const config = { ...runConfig(), model: { path: temporary.file("gone") } };
  const rollouts = { 1: [savedEpisode("a#0", [{ tokens: [1], entropies: [0.5] }])] };
  const path = writeRun(temporary.file("run"), { config, metrics: [metrics(1)], rollouts });
  const page = temporary.file("page.html");
  const { code, notes } = await runCli(["report", path, "--out", page]);
  expect(code).toBe(0);
  expect(notes).toContain("cannot be opened, responses stand without tokens");
  expect(readFileSync(page, "utf8")).toContain("The model of 1 runs could not be opened");
});
