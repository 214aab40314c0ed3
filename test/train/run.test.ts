import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openWorld } from "../../src/env/worlds.ts";
import { openModel } from "../../src/model/builtin.ts";
import type { RunConfig } from "../../src/train/config.ts";
import { resolveConfig, writeConfig } from "../../src/train/config-file.ts";
import { demo } from "../../src/train/demo.ts";
import { type RunEvents, type RunResult, train } from "../../src/train/run.ts";
import { RunDirectory } from "../../src/train/run-directory.ts";
import { testGpu } from "../support/device.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

/** The demo, cut down to seconds. */
const SMALL = [
  "train.iterations=2",
  "train.checkpoint_every=1",
  "train.minibatches=2",
  "rollout.tasks_per_iteration=2",
  "rollout.group_size=3",
  "rollout.max_tokens_per_turn=8",
  "env.max_turns=2",
  "eval.episodes=3",
  "algorithm.kl_coefficient=0.01",
];

interface Watched {
  readonly result: RunResult;
  readonly rows: Record<string, number>[];
}

async function run(config: RunConfig, directory: RunDirectory, stopAfter = 0): Promise<Watched> {
  const gpu = await testGpu();
  const { name, data, option } = config.env;
  const world = await openWorld(name, { data, option });
  const stop = new AbortController();
  const rows: Record<string, number>[] = [];
  const events: RunEvents = {
    begun() {},
    note() {},
    evaluated() {},
    iteration(row) {
      rows.push(row);
      if (rows.length === stopAfter) stop.abort();
    },
  };
  const result = await train(
    gpu,
    config,
    openModel(config.model.path),
    world,
    directory,
    events,
    stop.signal,
  );
  return { result, rows };
}

/** Everything of metrics.jsonl but times, speed and memory, which stand last. */
function metrics(path: string): string {
  return readFileSync(join(path, "metrics.jsonl"), "utf8").replace(/,"time_rollout_ms.*/g, "");
}

test("an interrupted run that is resumed writes the same bytes as one that was not", async () => {
  using temporary = new TemporaryDirectory();
  const config = resolveConfig(demo, "the demo", SMALL);
  const whole = temporary.file("whole");
  const { result, rows } = await run(config, RunDirectory.create(whole, writeConfig(config)));
  expect(result).toMatchObject({ end: "done", iterations: 2 });
  expect(rows[0]!.logprob_gap_max).toBeLessThan(1e-4);
  expect(rows[0]!.updates_skipped).toBe(0);
  expect(rows[0]!.environment_faults).toBe(0);

  const cut = temporary.file("cut");
  const first = await run(config, RunDirectory.create(cut, writeConfig(config)), 1);
  expect(first.result.end).toBe("interrupted");
  const second = await run(config, RunDirectory.open(cut).directory);
  expect(second.result.end).toBe("done");

  expect(metrics(cut)).toBe(metrics(whole));
  for (const file of ["eval.jsonl", "checkpoints/000002/model.safetensors"]) {
    expect(readFileSync(join(cut, file)).equals(readFileSync(join(whole, file)))).toBe(true);
  }
  const moments = "checkpoints/000002/optimizer.safetensors";
  expect(readFileSync(join(cut, moments)).equals(readFileSync(join(whole, moments)))).toBe(true);
}, 300_000);

test("updates that are not finite are skipped, counted, and end the run when they go on", async () => {
  using temporary = new TemporaryDirectory();
  // A rate that sends every weight to infinity: all later losses are NaN.
  const broken = ["optimizer.learning_rate=1e38", "optimizer.warmup_updates=0"];
  // Returns that differ within a group, whether or not anybody succeeds.
  const unequal = ["env.invalid_action_penalty=0.1"];
  const more = ["train.iterations=6", "train.max_skipped_updates=3", "modulation.type=none"];
  const config = resolveConfig(demo, "the demo", [...SMALL, ...broken, ...unequal, ...more]);
  const path = temporary.file("run");
  const { result, rows } = await run(config, RunDirectory.create(path, writeConfig(config)));
  expect(result.end).toBe("diverged");
  expect(result.iterations).toBeLessThan(6);
  expect(rows.at(-1)!.updates_skipped).toBeGreaterThan(0);
}, 300_000);
