import { describe, expect, test } from "bun:test";
import { FLAT_BELOW } from "../../src/algorithm/flatness.ts";
import { ModulationConfig } from "../../src/algorithm/modulation-config.ts";
import { readModulationSummary } from "../../src/ops/advantage-modulation.ts";
import type { Step, Trajectory } from "../../src/rollout/trajectory.ts";
import { flatRemark } from "../../src/train/flat-normalization.ts";
import { measure, metricsRow } from "../../src/train/metrics.ts";

const LEARNED = {
  modulation: readModulationSummary(new Float32Array(8)),
  ...{
    normalizedEntropyP95: 0.25,
    updates: [],
    learningRate: 0,
    firstLogProbGap: 0,
    steps: new Map(),
    critic: undefined,
    creditMs: 0,
    groupsUsed: 1,
  },
};

function step(tokens: number, valid = true): Step {
  const numbers = new Array<number>(tokens).fill(1);
  return {
    ...{ observation: "", response: "", action: "", valid, reward: 0, context: "append" },
    ...{ prompt_tokens: [1], tokens: numbers, logprobs: numbers, entropies: numbers },
  };
}

function episode(end: Trajectory["end"], steps: readonly Step[]): Trajectory {
  const named = { episode: "e", group: "g", env: "w" };
  return { ...named, return: 0, success: false, end, steps };
}

const COLLECTED = {
  trajectories: [
    episode("truncated", [step(3), step(5, false)]),
    episode("fault", [step(100, false)]),
    episode("terminated", [step(7)]),
  ],
  retries: [
    { repeated: 1, invalid: 1, deadEnds: 2 },
    { repeated: 50, invalid: 50, deadEnds: 50 },
    { repeated: 0, invalid: 0, deadEnds: 1 },
  ],
  tokensDrawn: 115,
  redraws: 3,
};

describe("a line of metrics", () => {
  const measured = measure(4, COLLECTED, LEARNED, 1000);

  test("counts retries and tokens per turn of the episodes without a fault", () => {
    expect(measured).toMatchObject({
      ...{ repeated_actions_mean: 0.5, invalid_actions_mean: 0.5, dead_ends_mean: 1.5 },
      ...{ repeated_action_rate: 1 / 3, invalid_action_rate: 1 / 3, response_tokens_mean: 5 },
      ...{ normalized_entropy_p95: 0.25, environment_faults: 1 },
      ...{ tokens_generated: 115, tokens_total: 1115, redraw_rounds: 3 },
    });
  });

  test("has what differs between two runs of a seed last", () => {
    const costs = {
      rolloutMs: 1,
      creditMs: 1,
      updateMs: 2,
      encodeMs: 3,
      memoryBytes: 4,
      residentBytes: 5,
    };
    const row = metricsRow(measured, 2, costs);
    expect(row.collapse_signals).toBe(2);
    const keys = Object.keys(row);
    expect(keys.slice(keys.indexOf("time_rollout_ms"))).toEqual([
      ...["time_rollout_ms", "time_update_ms", "time_advantages_ms", "time_encode_ms"],
      ...["tokens_per_second", "memory_bytes", "resident_bytes"],
    ]);
    for (const key of [...Object.keys(measured), "collapse_signals"]) {
      expect(keys.indexOf(key)).toBeLessThan(keys.indexOf("time_rollout_ms"));
    }
  });
});

test("where no group teaches anything, what learning finds out has no number, and the rest has", () => {
  const row = measure(1, COLLECTED, { ...LEARNED, groupsUsed: 0 }, 0);
  for (const key of ["entropy_mean", "normalized_entropy_p95", "loss", "kl", "grad_norm"]) {
    expect(row[key]).toBeNaN();
    expect(JSON.parse(JSON.stringify(row))[key]).toBeNull();
  }
  const found = measure(1, COLLECTED, LEARNED, 0);
  expect(Object.keys(row)).toEqual(Object.keys(found));
  expect(row).toMatchObject({ response_tokens_mean: 5, learning_rate: 0, groups_used: 0 });
  expect(found.grad_norm).toBe(0);
});

test("what a world tells of its episodes is averaged over those that have it, faults aside", () => {
  const scored = (end: Trajectory["end"], scores: Trajectory["scores"]) => ({
    ...episode(end, [step(1)]),
    scores,
  });
  const trajectories = [
    scored("terminated", { em: 1, recall: 0.5 }),
    scored("truncated", { em: 0 }),
    scored("fault", { em: 1, recall: 1 }),
  ];
  const row = measure(1, { ...COLLECTED, trajectories }, LEARNED, 0);
  expect(row).toMatchObject({ env_em: 0.5, env_recall: 0.5 });
  expect(
    Object.keys(measure(1, COLLECTED, LEARNED, 0)).filter((key) => key.startsWith("env_")),
  ).toEqual([]);
});

describe("flat normalization", () => {
  const minMax = ModulationConfig.parse({});
  const rowsOf = (values: readonly number[], groups = 1) =>
    values.map((p95, i) => ({
      ...{ iteration: i + 1, groups_used: groups, normalized_entropy_p95: p95 },
    }));
  const saidAt = (values: readonly number[], modulation = minMax) =>
    values.flatMap((_, i) =>
      flatRemark(rowsOf(values).slice(0, i + 1), modulation) ? [i + 1] : [],
    );

  test("is said when it first happens, then not for ten iterations", () => {
    const flat = [...new Array(3).fill(FLAT_BELOW), ...new Array(21).fill(FLAT_BELOW - 1e-6)];
    expect(saidAt(flat)).toEqual([4, 14, 24]);
    const sometimes = new Array(30).fill(0.9).fill(0.3, 2, 3).fill(0.3, 6, 7).fill(0.3, 19, 21);
    expect(saidAt(sometimes)).toEqual([3, 20]);
  });

  test("is said with the number, and with what helps where there is something", () => {
    expect(flatRemark(rowsOf([0.312]), minMax)).toBe(
      "iteration 1: normalization has gone flat: 95 % of the steps have h below 0.31, so the gate and the " +
        'bonus are nearly constant; modulation.normalization = "robust" leaves odd steps out',
    );
    const robust = ModulationConfig.parse({ normalization: "robust" });
    expect(flatRemark(rowsOf([0.312]), robust)).toEndWith("nearly constant");
    const halves = (change: object) => flatRemark(rowsOf([0.312]), { ...robust, ...change });
    expect(halves({ zeta: 0 })).toEndWith("so the gate is nearly constant");
    expect(halves({ k: 0 })).toEndWith("so the bonus is nearly constant");
  });

  test("is nobody's business where nothing depends on it or nothing was learned", () => {
    // +center has neither a gate nor a bonus.
    expect(saidAt([0.1], { ...minMax, k: 0, zeta: 0 })).toEqual([]);
    expect(saidAt([0.1], ModulationConfig.parse({ type: "none" }))).toEqual([]);
    expect(flatRemark(rowsOf([0], 0), minMax)).toBeUndefined();
    // A number that was no number is null in the file.
    expect(flatRemark(rowsOf([null as unknown as number]), minMax)).toBeUndefined();
    expect(flatRemark([], minMax)).toBeUndefined();
  });
});
