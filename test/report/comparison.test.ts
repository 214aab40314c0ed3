import { describe, expect, test } from "bun:test";
import { randomFrom, seedFor } from "../../src/core/random.ts";
import { readArms } from "../../src/report/arms.ts";
import { comparisonTable } from "../../src/report/comparison.ts";
import { comparisonMarkdown } from "../../src/report/comparison-markdown.ts";
import {
  armPath,
  drawnTasks,
  evaluation,
  metrics,
  type RunFixture,
  runConfig,
  writeComparison,
  writeRun,
} from "../support/report-runs.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const ARMS = [
  { name: "grpo", set: ["algorithm.method=grpo", "modulation.type=none"] },
  { name: "grpo+empg", set: ["algorithm.method=grpo", "modulation.type=empg"] },
];

/** A comparison of two arms; `run` may leave a run out. */
function comparison(
  seeds: readonly number[],
  run: (arm: number, seed: number) => RunFixture | undefined,
  more: Record<string, unknown> = {},
): TemporaryDirectory {
  const directory = new TemporaryDirectory();
  writeComparison(directory.path, { config: "", arms: ARMS, seeds, token_budget: 3000, ...more });
  for (const [index, { name }] of ARMS.entries()) {
    for (const seed of seeds) {
      const fixture = run(index, seed);
      if (fixture) writeRun(armPath(directory.path, name, seed), fixture);
    }
  }
  return directory;
}

/** Two tasks of two episodes, evaluated three times; wins in order. */
function threeEvaluations(wins: readonly (readonly [number, number])[]): RunFixture {
  return {
    config: runConfig({ iterations: 3 }),
    metrics: [
      metrics(1),
      metrics(2, { tokens_generated: 3000, tokens_total: 4000 }),
      metrics(3, { tokens_total: 5000 }),
    ],
    evaluations: [0, 2, 3].map((iteration, i) =>
      evaluation(iteration, { a: [wins[i]![0], 2], b: [wins[i]![1], 2] }),
    ),
  };
}

test("every figure of a small comparison is the one worked out by hand", () => {
  const results: Record<string, readonly (readonly [number, number])[]> = {
    "0 0": [
      [0, 1],
      [1, 1],
      [2, 1],
    ], // 25, 50, 75 %
    "0 1": [
      [0, 0],
      [1, 0],
      [0, 1],
    ], // 0, 25, 25 %
    "1 0": [
      [0, 1],
      [2, 2],
      [2, 1],
    ], // 25, 100, 75 %
    "1 1": [
      [0, 0],
      [1, 1],
      [2, 2],
    ], // 0, 50, 100 %
  };
  using directory = comparison([0, 1], (arm, seed) => threeEvaluations(results[`${arm} ${seed}`]!));
  const { arms, target, token_budget, tasks } = comparisonTable(readArms([directory.path]));
  const [grpo, empg] = arms;
  expect({ target, token_budget, tasks }).toEqual({
    target: { success: 0.3125, chosen: false }, // between 12.5 and 50 %
    token_budget: 3000,
    tasks: 2,
  });
  expect(grpo!.success_first!.value).toBe(0.125);
  expect(grpo!.success_last!.value).toBe(0.5);
  expect(empg!.success_last!.value).toBe(0.875);
  expect(empg!.gain!.value).toBe(0.75);
  expect(grpo!.difference).toBeNull();
  expect(empg!.difference!.value).toBe(0.375);
  // Over tokens 0, 4000, 5000: (4000·(25+50)/2 + 1000·(50+75)/2)/5000 = 42.5; (4000·12.5 + 1000·25)/5000 = 15.
  expect(grpo!.area!.value).toBeCloseTo((0.425 + 0.15) / 2, 12);
  // The second seed of grpo never has 31.25 %, so the median of two is not there.
  expect(grpo!.to_target).toEqual({ reached: 1, runs: 2, iterations: null, tokens: null });
  expect(empg!.to_target).toEqual({ reached: 2, runs: 2, iterations: 2, tokens: 4000 });
  expect(grpo!.stability.deviation).toBeCloseTo(Math.sqrt(0.125), 12);
  expect(empg!.stability.largest_fall).toBe(0.25);
  expect(grpo!.stability.largest_fall).toBe(0);
  expect(grpo!.wall_ms).toEqual({ mean: 6000, total: 12_000 });
  expect(grpo!.runs.map(({ state }) => state)).toEqual(["done", "done"]);
});

/** The same interval without any cleverness: every drawn seed and task is looked up one by one. */
function slowInterval(
  rate: (seed: number, tasks: readonly number[]) => number,
  seeds: number,
  tasks: number,
  replicates: number,
): [number, number] {
  const random = randomFrom(seedFor(99, "slow reference"));
  const draw = (count: number) => Array.from({ length: count }, () => random.integer(count));
  const means = Array.from({ length: replicates }, () => {
    const drawnTasks = draw(tasks);
    return draw(seeds).reduce((sum, seed) => sum + rate(seed, drawnTasks), 0) / seeds;
  }).sort((a, b) => a - b);
  return [means[Math.floor(0.025 * replicates)]!, means[Math.ceil(0.975 * replicates) - 1]!];
}

describe("intervals agree with a slow crossed bootstrap of its own draws", () => {
  const TASKS = 40;
  const SEEDS = [0, 1, 2, 3, 4];
  // Tasks differ in difficulty, seeds in luck: both must show in the interval.
  const chance = (arm: number, seed: number) => (task: number) =>
    Math.min(1, Math.max(0, (task % 5) / 5 + 0.08 * (seed - 2) + 0.15 * arm));
  const drawn = [0, 1].map((arm) =>
    SEEDS.map((seed) => drawnTasks(100 * arm + seed, TASKS, chance(arm, seed))),
  );
  using directory = comparison(SEEDS, (arm, seed) => ({
    config: runConfig({ iterations: 3 }),
    metrics: [metrics(3)],
    evaluations: [
      evaluation(
        0,
        drawnTasks(7, TASKS, () => 0.1),
      ),
      evaluation(3, drawn[arm]![seed]!),
    ],
  }));
  const { arms } = comparisonTable(readArms([directory.path]));
  const won = (arm: number) => (seed: number, tasks: readonly number[]) => {
    const results = tasks.map((task) => drawn[arm]![seed]![`goal ${task}`]!);
    const sum = (pick: 0 | 1) => results.reduce((total, result) => total + result[pick], 0);
    return sum(0) / sum(1);
  };
  test.each([
    ["last success", arms[1]!.success_last!, won(1)],
    [
      "paired difference",
      arms[1]!.difference!,
      (seed: number, tasks: readonly number[]) => won(1)(seed, tasks) - won(0)(seed, tasks),
    ],
  ] as const)("%s", (_, found, rate) => {
    const slow = slowInterval(rate, SEEDS.length, TASKS, 20_000);
    expect(found.over).toBe("seeds and tasks");
    const width = slow[1] - slow[0];
    expect(width).toBeGreaterThan(0.05);
    // A bound of 4,000 replicates wanders by about 3 % of the interval.
    expect(Math.abs(found.ci95![0] - slow[0])).toBeLessThan(0.08 * width);
    expect(Math.abs(found.ci95![1] - slow[1])).toBeLessThan(0.08 * width);
  });
  test("the difference's interval is narrower than two unpaired ones would make it", () => {
    const width = ({ ci95 }: { ci95: readonly [number, number] | null }) => ci95![1] - ci95![0];
    const [grpo, empg] = arms;
    const unpaired = Math.hypot(width(grpo!.success_last!), width(empg!.success_last!));
    expect(width(empg!.difference!)).toBeLessThan(0.8 * unpaired);
  });
});

test("the same directory gives the same table to the last digit", () => {
  using directory = comparison([0, 1, 2], (arm, seed) => ({
    metrics: [metrics(30)],
    evaluations: [0, 30].map((at) =>
      evaluation(
        at,
        drawnTasks(at + seed + 10 * arm, 9, () => 0.5),
      ),
    ),
  }));
  expect(comparisonTable(readArms([directory.path]))).toEqual(
    comparisonTable(readArms([directory.path])),
  );
});

test("without results by task the interval is over seeds; one seed without them has none", () => {
  const bare = (success: number): RunFixture => {
    const { by_task: _, ...row } = evaluation(3, { a: [1, 2] }, { success_rate: success });
    return { config: runConfig({ iterations: 3 }), metrics: [metrics(3)], evaluations: [row] };
  };
  using two = comparison([0, 1], (_, seed) => bare(0.25 + 0.5 * seed));
  const last = comparisonTable(readArms([two.path])).arms[0]!.success_last!;
  // Of two seeds a quarter of all draws takes the first twice, a quarter the second.
  expect(last).toEqual({ value: 0.5, ci95: [0.25, 0.75], over: "seeds", runs: 2 });
  using one = comparison([0], () => bare(0.25));
  expect(comparisonTable(readArms([one.path])).arms[0]!.success_last).toEqual({
    ...{ value: 0.25, ci95: null, over: null, runs: 1 },
  });
});

test("unfinished and missing runs are counted, and left out of an arm that has finished ones", () => {
  const at = (iterations: number, wins: number): RunFixture => ({
    config: runConfig({ iterations: 30 }),
    metrics: [metrics(iterations, { tokens_total: 10 * iterations })],
    evaluations: [evaluation(0, { a: [0, 4] }), evaluation(iterations, { a: [wins, 4] })],
  });
  using directory = comparison([0, 1, 2], (arm, seed) => {
    if (seed === 2) return undefined;
    return arm === 0 ? at(seed === 0 ? 30 : 10, seed === 0 ? 2 : 4) : at(10, 3);
  });
  const [grpo, empg] = comparisonTable(readArms([directory.path])).arms;
  expect(grpo!.runs.map(({ state }) => state)).toEqual(["done", "unfinished", "missing"]);
  expect(grpo!.success_last).toMatchObject({ value: 0.5, runs: 1 });
  expect(grpo!.provisional).toBe(false);
  expect(empg!.success_last).toMatchObject({ value: 0.75, runs: 2 });
  expect(empg!.provisional).toBe(true);
  expect(empg!.difference).toBeNull();
});

test("a token budget that is used up ends a run before its iterations do", () => {
  using directory = comparison([0], (arm) => ({
    config: runConfig({ iterations: 30 }),
    metrics: [metrics(3, { tokens_total: arm === 0 ? 3000 : 2999 })],
    evaluations: [evaluation(3, { a: [1, 4], b: [1, 4] })],
  }));
  const states = comparisonTable(readArms([directory.path])).arms.map(({ runs }) => runs[0]!.state);
  expect(states).toEqual(["done", "unfinished"]);
});

test("a run that collapse stopped counts, with its signals", () => {
  using directory = comparison([0, 1], (arm, seed) => ({
    metrics: [metrics(20)],
    evaluations: [evaluation(0, { a: [1, 4] }), evaluation(10, { a: [2, 4] })],
    signals:
      arm === 1 && seed === 1
        ? [
            { iteration: 18, signal: "kl", value: 3, limit: 1, action: "warn" },
            { iteration: 19, signal: "kl", value: 4, limit: 1, action: "warn" },
            { iteration: 20, signal: "not-finite", value: null, limit: null, action: "stop" },
          ]
        : [],
  }));
  const empg = comparisonTable(readArms([directory.path])).arms[1]!;
  expect(empg.runs.map(({ state }) => state)).toEqual(["unfinished", "stopped"]);
  expect(empg.success_last!.runs).toBe(1);
  expect(empg.stability).toMatchObject({
    runs_with_signals: 1,
    signals: { kl: 2, "not-finite": 1 },
  });
});

test("a run that broke keeps the success that it had, and that is said", () => {
  const broken = { signal: "not-finite", value: null, limit: null, action: "stop" };
  using directory = comparison([0, 1], (_, seed) => ({
    metrics: [metrics(20)],
    evaluations: [evaluation(0, { a: [0, 4] }), evaluation(seed === 0 ? 10 : 20, { a: [1, 4] })],
    signals: [{ iteration: 20 + seed, ...broken }],
  }));
  const table = comparisonTable(readArms([directory.path]));
  const [grpo] = table.arms;
  expect(grpo!.runs.map(({ state, evaluated_at }) => [state, evaluated_at])).toEqual([
    ["stopped", 10],
    ["stopped", 20],
  ]);
  const said = comparisonMarkdown(table).match(/grpo, seed \d: updates, weights.*/g);
  expect(said).toEqual([
    "grpo, seed 0: updates, weights or logits were no numbers after iteration 20; its last success is that of iteration 10, before it broke.",
  ]);
});

test("lost lines are told, and no later evaluation stands for one before training", () => {
  const iterations = Array.from({ length: 30 }, (_, i) => i + 1);
  const whole = { a: [0, 4], b: [0, 4] } as const;
  using directory = comparison([0, 1], (arm, seed) => ({
    metrics: iterations
      .filter((at) => arm === 0 || seed === 0 || at !== 30)
      .map((at) => metrics(at)),
    evaluations: [
      ...(arm === 0 && seed === 0 ? [] : [evaluation(0, whole)]),
      evaluation(15, { a: [2, 4], b: [2, 4] }),
      evaluation(30, { a: [4, 4], b: [4, 4] }),
    ],
  }));
  const table = comparisonTable(readArms([directory.path]));
  const [grpo] = table.arms;
  expect(grpo!.success_first).toMatchObject({ value: 0, runs: 1 });
  expect(grpo!.gain).toMatchObject({ value: 1, runs: 1 });
  expect(grpo!.success_last).toMatchObject({ value: 1, runs: 2 });
  expect(comparisonMarkdown(table).match(/, seed .*/g)).toEqual([
    ", seed 0: the line of its evaluation before training is lost; it has no first success and no gain.",
    ", seed 1: 1 line of metrics.jsonl lost; the run's tokens, times and retries lack that.",
  ]);
});

test("runs of one arm that differ in more than their seed are named, and so is a run in another one's place", () => {
  const ended = { metrics: [metrics(30)], evaluations: [evaluation(30, { a: [1, 4] })] };
  const written = (change: (seed: number) => Parameters<typeof runConfig>[0]) => {
    using directory = comparison([0, 1], (arm, seed) => ({
      ...ended,
      config: runConfig(arm === 0 ? change(seed) : { seed }),
    }));
    const table = comparisonTable(readArms([directory.path]));
    const lines = comparisonMarkdown(table).match(/- grpo: .*/g);
    return [table.arms.map(({ mixed }) => mixed), lines];
  };
  expect(written((seed) => ({ seed, name: `run-${seed}` }))).toEqual([[[], []], null]);
  const line = "- grpo: its runs are not of one configuration, they differ in";
  expect(written((seed) => ({ seed, modulation: { type: "empg", zeta: seed } }))).toEqual([
    [["modulation.zeta"], []],
    [`${line} modulation.zeta.`],
  ]);
  expect(written(() => ({ seed: 0 }))).toEqual([[["run.seed"], []], [`${line} run.seed.`]]);
});

test("a run that collapse stopped scores nothing while its last evaluation is being made", () => {
  const signal = { iteration: 20, signal: "kl", value: 3, limit: 1, action: "stop" };
  const stopped = (iteration: number, ...wins: number[]): RunFixture => ({
    metrics: [metrics(20)],
    evaluations: wins.map((won, i) => evaluation(i * iteration, { a: [won, 4] })),
    signals: [signal],
  });
  using directory = comparison([0, 1], (_, seed) =>
    // The best was measured before the fall.
    seed === 0 ? stopped(20, 0, 1) : stopped(10, 0, 4),
  );
  const [grpo] = comparisonTable(readArms([directory.path])).arms;
  expect(grpo!.runs.map(({ state }) => state)).toEqual(["stopped", "unfinished"]);
  expect(grpo!.success_last).toMatchObject({ value: 0.25, runs: 1 });
});

test("a run that went on after it was stopped is unfinished; two signals of one iteration are one rollback", () => {
  const back = { value: 1, limit: 1, action: "rollback" };
  using directory = comparison([0], () => ({
    metrics: [metrics(20)],
    evaluations: [evaluation(0, { a: [1, 4] })],
    signals: [
      { iteration: 9, signal: "kl", rollbacks: 0, ...back },
      { iteration: 9, signal: "grad-norm", rollbacks: 0, ...back },
      { iteration: 9, signal: "kl", rollbacks: 1, ...back },
      { iteration: 12, signal: "kl", value: 1, limit: 1, action: "stop" },
    ],
  }));
  const [grpo] = comparisonTable(readArms([directory.path])).arms;
  expect(grpo!.runs[0]!.state).toBe("unfinished");
  expect(grpo!.stability.rollbacks).toBe(2);
});

test("retries are of the last ten iterations and of the last evaluation, with the change against the first arm", () => {
  const retries = (repeated: number) => ({
    repeated_actions_mean: repeated,
    invalid_actions_mean: 2 * repeated,
    dead_ends_mean: 0,
  });
  using directory = comparison([0], (arm) => ({
    // The first twenty are far off, so that counting them would show.
    metrics: Array.from({ length: 30 }, (_, i) =>
      metrics(i + 1, retries(i < 20 ? 50 : arm === 0 ? 1 : 0.7)),
    ),
    evaluations: [
      evaluation(0, { a: [0, 4] }, retries(9)),
      evaluation(30, { a: [1, 4] }, retries(arm === 0 ? 2 : 1)),
    ],
  }));
  const [grpo, empg] = comparisonTable(readArms([directory.path])).arms;
  expect(grpo!.retries.rollouts.repeated!.value).toBeCloseTo(1, 12);
  expect(grpo!.retries.rollouts.repeated!.change).toBeNull();
  expect(empg!.retries.rollouts.repeated!.change).toMatchObject({ ci95: null, runs: 1 });
  expect(empg!.retries.rollouts.repeated!.change!.value).toBeCloseTo(-0.3, 12);
  expect(empg!.retries.rollouts.invalid!.value).toBeCloseTo(1.4, 12);
  expect(empg!.retries.evaluation.repeated!.change!.value).toBe(-0.5);
  expect(empg!.retries.evaluation.dead_ends).toMatchObject({ value: 0, change: null });
});

test("a change is over the seeds that both arms have, with an interval, and unequal seeds are said", () => {
  // Seed 2, which the second arm lacks, is the first arm's worst by far.
  const repeated = [
    [1, 2, 30],
    [2, 3],
  ];
  using directory = comparison([0, 1, 2], (arm, seed) => {
    const value = repeated[arm]![seed];
    const retries = { repeated_actions_mean: value, dead_ends_mean: 0 };
    return value === undefined
      ? undefined
      : { metrics: [metrics(30)], evaluations: [evaluation(30, { a: [1, 4] }, retries)] };
  });
  const table = comparisonTable(readArms([directory.path]));
  const { repeated: found, dead_ends } = table.arms[1]!.retries.evaluation;
  expect(found!.value).toBe(2.5);
  // 5 of 3; a draw of one seed twice has 2 of 1 or 3 of 2.
  expect(found!.change!.value).toBeCloseTo(2 / 3, 12);
  expect(found!.change!.ci95).toEqual([0.5, 1]);
  expect(found!.change!.runs).toBe(2);
  // Nothing is no share of nothing.
  expect(dead_ends!.change).toBeNull();
  const text = comparisonMarkdown(table);
  expect(text).toContain("2.50 [2.00, 3.00] (+67 % [+50, +100])");
  expect(text).toContain("set against grpo is over the seeds in common");
  using equal = comparison([0], () =>
    threeEvaluations([
      [0, 0],
      [1, 1],
      [2, 1],
    ]),
  );
  expect(comparisonMarkdown(comparisonTable(readArms([equal.path])))).not.toContain("in common");
});

test("a change has no interval where too many draws have nothing to divide by", () => {
  const base = [0, 0, 0, 1];
  using directory = comparison([0, 1, 2, 3], (arm, seed) => ({
    metrics: [metrics(30)],
    evaluations: [
      evaluation(30, { a: [1, 4] }, { repeated_actions_mean: arm === 0 ? base[seed] : 0.1 }),
    ],
  }));
  const table = comparisonTable(readArms([directory.path]));
  const { change } = table.arms[1]!.retries.evaluation.repeated!;
  expect(change!.value).toBeCloseTo(-0.6, 12);
  expect(change!.ci95).toBeNull();
});

test("runs that wrote only rates have the same retries: rate times steps per episode", () => {
  const old = { repeated_actions_mean: undefined, invalid_actions_mean: undefined };
  using directory = comparison([0], () => ({
    metrics: [
      metrics(30, { ...old, turns_mean: 5, repeated_action_rate: 0.2, dead_ends_mean: undefined }),
    ],
    evaluations: [evaluation(30, { a: [1, 4] })],
  }));
  const { rollouts, evaluation: measured } = comparisonTable(readArms([directory.path])).arms[0]!
    .retries;
  expect(rollouts.repeated!.value).toBeCloseTo(1, 12);
  expect(measured.invalid!.value).toBeCloseTo(2.4, 12);
  expect(rollouts.dead_ends).toBeNull();
});

test("a chosen target replaces the halfway point", () => {
  using directory = comparison([0], () =>
    threeEvaluations([
      [0, 0],
      [1, 1],
      [2, 1],
    ]),
  );
  const table = comparisonTable(readArms([directory.path]), { target: 0.75 });
  expect(table.target).toEqual({ success: 0.75, chosen: true });
  expect(table.arms[0]!.to_target).toEqual({ reached: 1, runs: 1, iterations: 3, tokens: 5000 });
});

test("figures beside the one that counts are no part of the table", () => {
  using directory = comparison([0], () => ({
    metrics: [metrics(30)],
    evaluations: [
      evaluation(30, { a: [1, 4] }),
      evaluation(30, { a: [4, 4] }, { temperature: 0.4, beside: true }),
    ],
  }));
  const table = comparisonTable(readArms([directory.path]));
  expect(table.arms[0]!.success_last!.value).toBe(0.25);
  expect(table.evaluations).toEqual(["heldout, temperature 1, 4 episodes, tasks 0123456789ab"]);
});

test("Markdown has a row per arm, and no name can leave its cell", () => {
  using directory = comparison(
    [0],
    () =>
      threeEvaluations([
        [0, 0],
        [1, 1],
        [2, 1],
      ]),
    {
      arms: [
        { name: "grpo", set: [] },
        { name: "a", set: [] },
        { name: "b", set: [] },
      ],
    },
  );
  const table = comparisonTable(readArms([directory.path]));
  // A run that was started by hand is named by what its configuration says.
  const names = ["grpo", "a|b\n<script>", "[here](https://x.test) ![b][c]"];
  const arms = table.arms.map((arm, i) => ({ ...arm, name: names[i]! }));
  const text = comparisonMarkdown({ ...table, arms });
  expect(text).toContain("| grpo | 1 done | 0.0 ");
  expect(text).toContain("| a\\|b \\<script\\> | 1 missing | – |");
  expect(text).toContain("| [here\\](https://x.test) ![b\\][c] | 1 missing | – |");
  const columns = text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.replaceAll("\\|", "").split("|").length);
  expect(new Set(columns.slice(0, 5)).size).toBe(1);
});
