/** The demo, cut down to seconds. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openWorld } from "../../src/env/worlds.ts";
import { openModel } from "../../src/model/builtin.ts";
import type { RunConfig } from "../../src/train/config.ts";
import { resolveConfig, writeConfig } from "../../src/train/config-file.ts";
import { demo } from "../../src/train/demo.ts";
import { type RunEvents, type RunResult, train } from "../../src/train/run.ts";
import { RunDirectory } from "../../src/train/run-directory.ts";
import { testGpu } from "./device.ts";

export const SMALL = [
  "train.iterations=2",
  "train.checkpoint_every=1",
  "train.minibatches=2",
  "rollout.tasks_per_iteration=2",
  "rollout.group_size=3",
  "rollout.max_tokens_per_turn=8",
  "env.max_turns=2",
  "eval.episodes=3",
];

export function smallConfig(...overrides: string[]): RunConfig {
  return resolveConfig(demo, "the demo", [...SMALL, ...overrides]);
}

/** What a run told whoever watched it. */
export interface Watched {
  readonly result: RunResult;
  readonly rows: Record<string, number>[];
  readonly notes: string[];
}

/** Trains into a new run directory, or goes on in one that is there. */
export async function runIn(
  path: string,
  config: RunConfig,
  { resume = false, watch = {} }: { resume?: boolean; watch?: Partial<Watcher> } = {},
): Promise<Watched> {
  const directory = resume
    ? RunDirectory.open(path).directory
    : RunDirectory.create(path, writeConfig(config));
  const { name, data, option } = config.env;
  const world = await openWorld(name, { data, option });
  const stop = new AbortController();
  const rows: Record<string, number>[] = [];
  const notes: string[] = [];
  const events: RunEvents = {
    begun() {},
    note(text) {
      notes.push(text);
      watch.note?.(text);
    },
    evaluated: (iteration) => watch.evaluated?.(iteration, stop),
    iteration(row) {
      rows.push(row);
      watch.iteration?.(row.iteration!, stop);
    },
  };
  const files = openModel(config.model.path);
  const gpu = await testGpu();
  const parts = { gpu, config, files, world, directory, events, interrupted: stop.signal };
  const result = await train(parts);
  return { result, rows, notes };
}

interface Watcher {
  evaluated(iteration: number, stop: AbortController): void;
  iteration(iteration: number, stop: AbortController): void;
  note(text: string): void;
}

/** What must be the same bytes: metrics without times, speed and memory, which stand last; evaluations; the last checkpoint. */
export function remains(path: string): Record<string, string> {
  const text = (name: string) => readFileSync(join(path, name), "utf8");
  const last = text("checkpoints/latest").trim();
  const hash = (name: string) =>
    Bun.hash(readFileSync(join(path, "checkpoints", last, name))).toString(16);
  return {
    last,
    metrics: text("metrics.jsonl").replace(/,"time_rollout_ms.*/g, ""),
    evaluations: text("eval.jsonl"),
    collapse: existsSync(join(path, "collapse.jsonl")) ? text("collapse.jsonl") : "",
    weights: hash("model.safetensors"),
    moments: hash("optimizer.safetensors"),
    state: text(join("checkpoints", last, "state.json")),
  };
}
