import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Trajectory } from "../../src/rollout/trajectory.ts";
import { RunDirectory } from "../../src/train/run-directory.ts";
import { remains, runIn, smallConfig } from "../support/small-run.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

/** Returns that differ within a group, whether or not anybody succeeds. */
const UNEQUAL = ["env.invalid_action_penalty=0.1"];

describe("an interrupted run that is resumed writes the same bytes as one that was not", () => {
  const config = smallConfig("algorithm.kl_coefficient=0.01", ...UNEQUAL);
  test.each([
    [
      "after an iteration",
      { iteration: (at: number, stop: AbortController) => at === 1 && stop.abort() },
    ],
    [
      "before the first iteration",
      { evaluated: (_: number, stop: AbortController) => stop.abort() },
    ],
    ["between the evaluations beside the first", stopAtEvaluation(2)],
    ["between the last evaluations", stopAtEvaluation(4)],
  ] as const)(
    "%s",
    async (_, watch) => {
      using temporary = new TemporaryDirectory();
      const whole = temporary.file("whole");
      const { result, rows } = await runIn(whole, config);
      expect(result).toMatchObject({ end: "done", iterations: 2 });
      expect(rows[0]!.logprob_gap_max).toBeLessThan(1e-4);
      expect(rows[0]!.updates_skipped).toBe(0);
      expect(rows[0]!.environment_faults).toBe(0);

      const cut = temporary.file("cut");
      expect((await runIn(cut, config, { watch })).result.end).toBe("interrupted");
      expect((await runIn(cut, config, { resume: true })).result.end).toBe("done");
      expect(remains(cut)).toEqual(remains(whole));
      const board = (run: string) =>
        readFileSync(join(run, "tensorboard/events.out.tfevents.empg"));
      expect(board(cut).length).toBe(board(whole).length);
    },
    300_000,
  );

  function stopAtEvaluation(count: number) {
    let seen = 0;
    return {
      evaluated(_: number, stop: AbortController) {
        if (++seen === count) stop.abort();
      },
    };
  }
});

test("a run whose last evaluations were lost makes them again, and only then", async () => {
  using temporary = new TemporaryDirectory();
  const path = temporary.file("run");
  const config = smallConfig(...UNEQUAL);
  await runIn(path, config);
  const whole = remains(path);
  const file = join(path, "eval.jsonl");
  const lines = readFileSync(file, "utf8").trim().split("\n");
  writeFileSync(file, `${lines.slice(0, -2).join("\n")}\n{"iteration":2,"spl`);
  const evaluated: number[] = [];
  const watch = { evaluated: (iteration: number) => evaluated.push(iteration) };
  const { result, rows } = await runIn(path, config, { resume: true, watch });
  expect(result.end).toBe("done");
  expect(rows).toEqual([]);
  expect(evaluated).toEqual([2, 2, 2]);
  expect(remains(path)).toEqual(whole);
  await runIn(path, config, { resume: true, watch });
  expect(evaluated).toHaveLength(3);
}, 300_000);

test("updates that are not finite are skipped, counted, and end the run when they go on", async () => {
  using temporary = new TemporaryDirectory();
  // A rate that sends every weight to infinity: all later losses are NaN.
  const broken = ["optimizer.learning_rate=1e38", "optimizer.warmup_updates=0"];
  const more = ["train.iterations=6", "train.max_skipped_updates=3", "modulation.type=none"];
  const path = temporary.file("run");
  const { result, rows } = await runIn(path, smallConfig(...broken, ...UNEQUAL, ...more));
  expect(result.end).toBe("diverged");
  expect(result.iterations).toBeLessThan(6);
  expect(rows.at(-1)!.updates_skipped).toBeGreaterThan(0);
}, 300_000);

test("weights that an update broke never become a checkpoint: the last good one stays the newest", async () => {
  using temporary = new TemporaryDirectory();
  const path = temporary.file("run");
  const keep = [...UNEQUAL, "train.keep_checkpoints=1", "modulation.type=none"];
  await runIn(path, smallConfig(...keep));
  const good = remains(path);
  const broken = [
    "train.iterations=5",
    "optimizer.learning_rate=1e25",
    "optimizer.schedule=constant",
  ];
  const { result } = await runIn(path, smallConfig(...keep, ...broken), { resume: true });
  expect(result.end).toBe("diverged");
  expect(remains(path)).toMatchObject({ last: "000002", weights: good.weights! });
  // And the run goes on from it.
  const again = await runIn(path, smallConfig(...keep, "train.iterations=3"), { resume: true });
  expect(again.result).toMatchObject({ end: "done", iterations: 3 });
}, 300_000);

test("what a line of metrics says of steps and turns is what the stored trajectories hold", async () => {
  using temporary = new TemporaryDirectory();
  const path = temporary.file("run");
  const stored = ["report.rollouts_every=1", "algorithm.uniform_groups=keep"];
  const { rows } = await runIn(path, smallConfig(...UNEQUAL, ...stored));
  for (const row of rows) {
    const file = join(path, `rollouts/00000${row.iteration}.jsonl`);
    const episodes: Trajectory[] = readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const steps = episodes.flatMap((episode) => episode.steps);
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const entropies = steps.map((step) => mean(step.entropies));
    const low = Math.min(...entropies);
    const spread = Math.max(...entropies) - low;
    const h = entropies.map((H) => (H - low) / spread).sort((a, b) => a - b);
    const place = 0.95 * (h.length - 1);
    const below = Math.floor(place);
    const p95 = h[below]! + (place - below) * (h[Math.ceil(place)]! - h[below]!);
    expect(row.normalized_entropy_p95).toBeCloseTo(p95, 5);
    expect(row.response_tokens_mean).toBeCloseTo(mean(steps.map(({ tokens }) => tokens.length)), 9);
    const invalid = steps.filter(({ valid }) => !valid).length;
    expect(row.invalid_actions_mean).toBeCloseTo(invalid / episodes.length, 9);
    expect(row.repeated_actions_mean).toBeCloseTo(row.repeated_action_rate! * row.turns_mean!, 9);
    expect(row.update_kl).toBeGreaterThan(0);
  }
  for (const line of readFileSync(join(path, "eval.jsonl"), "utf8").trim().split("\n")) {
    const { by_task, episodes, success_rate, ...row } = JSON.parse(line);
    const results: [number, number][] = Object.values(by_task);
    expect(results.reduce((sum, [, played]) => sum + played, 0)).toBe(episodes);
    expect(results.reduce((sum, [wins]) => sum + wins, 0)).toBeCloseTo(success_rate * episodes, 9);
    const perEpisode = (rate: number) => rate * row.turns_mean;
    expect(row.invalid_actions_mean).toBeCloseTo(perEpisode(row.invalid_action_rate), 9);
    expect(row.repeated_actions_mean).toBeCloseTo(perEpisode(row.repeated_action_rate), 9);
    expect(row.dead_ends_mean).toBe(0);
  }
}, 300_000);

test("without a group that differs nothing is learned, and nothing breaks", async () => {
  using temporary = new TemporaryDirectory();
  const path = temporary.file("run");
  // Two turns are too few for any goal of the demo that takes three.
  const hopeless = ["env.option.min_solution_turns=3", "rollout.max_tokens_per_turn=2"];
  const { result, rows } = await runIn(path, smallConfig(...hopeless));
  expect(result.end).toBe("done");
  for (const row of rows) {
    expect(row).toMatchObject({
      groups_used: 0,
      groups_dropped: 2,
      loss: Number.NaN,
      updates_skipped: 0,
    });
  }
  const state = JSON.parse(readFileSync(join(path, "checkpoints/000002/state.json"), "utf8"));
  expect(state.state.applied).toBe(0);
}, 300_000);

describe("a run directory", () => {
  test("whose configuration is cut off is not taken for another run", () => {
    using temporary = new TemporaryDirectory();
    const path = temporary.file("run");
    RunDirectory.create(path, "[run]\nname = 'x'\n[report]\n");
    expect(RunDirectory.open(path).config).toContain("name = 'x'");
    for (const left of ["", "[run]\nname = 'x'\n"]) {
      writeFileSync(join(path, "config.toml"), left);
      expect(() => RunDirectory.open(path)).toThrow("config.toml: cut off");
    }
  });

  test("that was never begun can be removed, one that was cannot", () => {
    using temporary = new TemporaryDirectory();
    const path = temporary.file("run");
    const begun = RunDirectory.create(path, "");
    begun.append("eval.jsonl", { iteration: 0 });
    begun.discardUnbegun();
    expect(readdirSync(path).sort()).toEqual(["config.toml", "eval.jsonl"]);
    const other = temporary.file("other");
    RunDirectory.create(other, "").discardUnbegun();
    expect(existsSync(other)).toBe(false);
  });
});
