/** Run directories as training leaves them, made up by code: for what reads them. */

import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { randomFrom, seedFor } from "../../src/core/random.ts";
import { type TomlTable, writeToml } from "../../src/core/toml.ts";

type Row = Readonly<Record<string, unknown>>;

export interface RunFixture {
  readonly config?: TomlTable;
  readonly metrics?: readonly Row[];
  readonly evaluations?: readonly Row[];
  readonly signals?: readonly Row[];
  readonly rollouts?: Readonly<Record<number, readonly Row[]>>;
  readonly log?: string;
}

/** Writes a run directory; returns its path. */
export function writeRun(path: string, run: RunFixture): string {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "config.toml"), writeToml(run.config ?? runConfig()));
  const lines = (rows: readonly Row[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  if (run.metrics) writeFileSync(join(path, "metrics.jsonl"), lines(run.metrics));
  if (run.evaluations) writeFileSync(join(path, "eval.jsonl"), lines(run.evaluations));
  if (run.signals) writeFileSync(join(path, "collapse.jsonl"), lines(run.signals));
  if (run.log) appendFileSync(join(path, "log.txt"), run.log);
  for (const [iteration, rows] of Object.entries(run.rollouts ?? {})) {
    const file = join(path, "rollouts", `${iteration.padStart(6, "0")}.jsonl`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, lines(rows));
  }
  return path;
}

/** Writes a comparison directory's plan; its runs belong into `armPath`. */
export function writeComparison(path: string, plan: Row): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "compare.json"), JSON.stringify(plan));
}

export function armPath(path: string, arm: string, seed: number): string {
  return join(path, "runs", arm, `seed-${seed}`);
}

/** A resolved configuration, as far as anybody looks at it. */
export function runConfig(
  change: { seed?: number; name?: string; iterations?: number; modulation?: TomlTable } = {},
): TomlTable {
  const { seed = 0, name = "fixture", iterations = 30, modulation } = change;
  return {
    run: { name, seed, device: "auto" },
    model: { path: "builtin:tiny" },
    env: { name: "textcraft", split: "train", max_turns: 8 },
    algorithm: { method: "grpo", std: true },
    modulation: modulation ?? { type: "empg", k: 1, k_prime: 1, zeta: 0.1 },
    train: { iterations },
    eval: { every: 10, episodes: 8, temperature: 1, split: "heldout" },
  };
}

/** A line of eval.jsonl from wins and episodes per task. */
export function evaluation(
  iteration: number,
  byTask: Readonly<Record<string, readonly [number, number]>>,
  more: Row = {},
): Row {
  const results = Object.values(byTask);
  const episodes = results.reduce((sum, [, played]) => sum + played, 0);
  const wins = results.reduce((sum, [won]) => sum + won, 0);
  return {
    iteration,
    env: "textcraft",
    split: "heldout",
    temperature: 1,
    episodes,
    success_rate: wins / episodes,
    turns_mean: 6,
    invalid_action_rate: 0.4,
    repeated_action_rate: 0.1,
    tasks: results.length,
    tasks_hash: "0123456789ab",
    by_task: byTask,
    ...more,
  };
}

/** Task results drawn with a chance of success; the same seed gives the same. */
export function drawnTasks(
  seed: number,
  tasks: number,
  chance: (task: number) => number,
  episodes = 2,
): Record<string, [number, number]> {
  const random = randomFrom(seedFor(seed, "fixture tasks"));
  return Object.fromEntries(
    Array.from({ length: tasks }, (_, task) => {
      const wins = Array.from({ length: episodes }, () => random.uniform() < chance(task));
      return [`goal ${task}`, [wins.filter(Boolean).length, episodes]];
    }),
  );
}

/** A line of metrics.jsonl. */
export function metrics(iteration: number, more: Row = {}): Row {
  return {
    iteration,
    reward_mean: 0.3,
    success_rate: 0.3,
    turns_mean: 6,
    tokens_generated: 1000,
    tokens_total: 1000 * iteration,
    entropy_mean: 0.5,
    kl: 0,
    grad_norm: 0.7,
    clip_fraction: 0.02,
    invalid_action_rate: 0.4,
    repeated_action_rate: 0.1,
    repeated_actions_mean: 0.6,
    invalid_actions_mean: 2.4,
    dead_ends_mean: 0.2,
    time_rollout_ms: 1500,
    time_update_ms: 500,
    tokens_per_second: 500,
    ...more,
  };
}

/** A saved episode of one-token steps with these texts and these entropies per step. */
export function savedEpisode(
  name: string,
  steps: readonly {
    readonly observation?: string;
    readonly response?: string;
    readonly tokens: readonly number[];
    readonly entropies: readonly number[];
    readonly modulation?: Row;
  }[],
  more: Row = {},
): Row {
  return {
    episode: name,
    group: name.split("#")[0],
    env: "textcraft",
    return: 0,
    success: false,
    end: "truncated",
    steps: steps.map((step) => ({
      observation: "nothing",
      response: "look",
      action: "look",
      valid: true,
      reward: 0,
      context: "append",
      prompt_tokens: [1],
      logprobs: step.tokens.map(() => -0.1),
      ...step,
    })),
    ...more,
  };
}
