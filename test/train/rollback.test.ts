import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endOf, endRules } from "../../src/report/run-end.ts";
import { resolveConfig } from "../../src/train/config-file.ts";
import { afterRollbacks, isRegular, neededFrom } from "../../src/train/rollback.ts";
import { RunDirectory } from "../../src/train/run-directory.ts";
import { remains, runIn, smallConfig } from "../support/small-run.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

/** A rate that rises until the policy says nothing valid any more. */
const TOO_FAST = [
  ...["env.invalid_action_penalty=0.1", "modulation.type=none", "eval.episodes=2", "eval.every=2"],
  ...["optimizer.learning_rate=0.02", "optimizer.schedule=constant", "optimizer.warmup_updates=8"],
  // Seen in single iterations, twice in a row: the fall is real, and a short run is all there is.
  ...["train.collapse.smoothing=1", "train.collapse.window=2", "train.iterations=6"],
  ...["rollout.group_size=6", "train.collapse.success_drop=1", "train.collapse.response_share=2"],
];

/** Goes back far enough down with the rate that one rollback is enough. */
const GO_BACK = ["train.on_collapse=rollback", "train.collapse.rate_factor=1e-3"];

interface Line {
  readonly iteration: number;
  readonly [key: string]: unknown;
}

function lines(path: string, name: string): Line[] {
  const file = join(path, name);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const iterations = (rows: readonly { iteration?: number }[]) => rows.map((row) => row.iteration);

describe("a run that collapses goes back, and goes on with a lower rate", () => {
  const config = smallConfig(...TOO_FAST, ...GO_BACK, "train.keep_checkpoints=1");
  let whole: ReturnType<typeof remains>;
  /** The iteration in which it is seen, the last good one, and the tokens generated until it was seen. */
  let seen: number;
  let good: number;
  let spent: number;

  test("and ends like any other", async () => {
    using temporary = new TemporaryDirectory();
    const path = temporary.file("run");
    const { result, rows, notes } = await runIn(path, config);
    expect(result).toMatchObject({ end: "done", iterations: 6 });
    const collapse = lines(path, "collapse.jsonl");
    expect(collapse).toHaveLength(1);
    const [row] = collapse;
    expect(row).toMatchObject({ signal: "valid-actions", action: "rollback", rollbacks: 0 });
    expect(row!.value).toBeLessThan(row!.limit as number);
    [seen, good] = [row!.iteration, row!.back_to as number];
    // Twice in a row below the best, whose own weights are those of the iteration before: three checkpoints are newer.
    expect(good).toBe(seen - 3);
    expect(good).toBeGreaterThan(0);

    const tried = rows.slice(0, seen);
    const went = rows.slice(seen);
    expect(tried.at(-1)!.collapse_signals).toBe(1);
    expect(iterations(rows)).toEqual([
      ...Array.from({ length: seen }, (_, i) => i + 1),
      ...Array.from({ length: 6 - good }, (_, i) => good + 1 + i),
    ]);
    // Other draws, and a thousandth of the rate.
    expect(went[0]!.tokens_generated).not.toBe(tried[good]!.tokens_generated);
    expect(went.at(-1)!.learning_rate).toBeCloseTo(0.02 * 1e-3, 12);
    expect(went.map(({ collapse_signals }) => collapse_signals)).toEqual(went.map(() => 0));

    // What was generated in vain was spent, too.
    const generated = rows.map(({ tokens_generated }) => tokens_generated!);
    const sum = (tokens: readonly number[]) => tokens.reduce((a, b) => a + b, 0);
    spent = sum(generated.slice(0, seen));
    expect(row!.tokens).toBe(spent);
    expect(went[0]!.tokens_total).toBe(spent + went[0]!.tokens_generated!);
    expect(lines(path, "metrics.jsonl").at(-1)!.tokens_total).toBe(sum(generated));

    // What the files say is the course that was kept.
    expect(iterations(lines(path, "metrics.jsonl"))).toEqual([1, 2, 3, 4, 5, 6]);
    const counted = lines(path, "eval.jsonl").filter(({ beside }) => beside !== true);
    expect(iterations(counted)).toEqual([0, 2, 4, 6]);
    const state = JSON.parse(remains(path).state!);
    expect(state.state).toMatchObject({ rollbacks: 1, rateFactor: 1e-3, tokens: sum(generated) });
    expect(notes.filter((note) => note.includes("collapse"))).toEqual([
      expect.stringMatching(
        /^collapse iteration \d: valid-actions, 0.* is below 0\.\d+: rollback$/,
      ),
    ]);
    expect(notes).toContainEqual(
      expect.stringMatching(/^rolled back to iteration \d, 1 of 3 times/),
    );
    whole = remains(path);
  }, 300_000);

  test("where that was its whole budget it ends with the weights that it went back to, evaluated", async () => {
    using temporary = new TemporaryDirectory();
    const path = temporary.file("run");
    const { train } = config;
    const poor = { ...config, train: { ...train, token_budget: spent } };
    const first = await runIn(path, poor);
    expect(first.result).toMatchObject({ end: "done", iterations: good });
    const evaluated = lines(path, "eval.jsonl").filter(({ iteration }) => iteration === good);
    expect(evaluated.map(({ beside }) => beside === true)).toEqual([false, true, true]);
    const { directory } = RunDirectory.open(path);
    expect(endOf(directory.written(), endRules(poor))).toBe("done");
    const ended = remains(path);
    expect(Number(ended.last)).toBe(good);
    expect((await runIn(path, poor, { resume: true })).rows).toEqual([]);
    expect(remains(path)).toEqual(ended);
    // It has not ended for one who may spend more, and goes on as if it had never been poor.
    const richer = { ...config, train: { ...train, token_budget: spent + 1 } };
    const more = await runIn(path, richer, { resume: true });
    expect(iterations(more.rows)).toEqual([good + 1]);
    expect(more.rows[0]!.tokens_total).toBe(spent + more.rows[0]!.tokens_generated!);
  }, 300_000);

  /** Stops when an iteration is over for the so-manieth time. */
  function stopAt(iteration: () => number, time: number) {
    let times = 0;
    return {
      iteration(at: number, stop: AbortController) {
        if (at === iteration() && ++times === time) stop.abort();
      },
    };
  }

  test.each([
    ["before the fall", () => stopAt(() => good, 1)],
    ["while it falls", () => stopAt(() => seen - 1, 1)],
    ["in the iteration in which it is seen", () => stopAt(() => seen, 1)],
    ["right after going back", () => stopAt(() => good + 1, 2)],
    ["when it is past where it fell", () => stopAt(() => seen, 2)],
  ] as const)(
    "the same bytes when it is interrupted %s",
    async (_, watch) => {
      using temporary = new TemporaryDirectory();
      const path = temporary.file("run");
      expect((await runIn(path, config, { watch: watch() })).result.end).toBe("interrupted");
      expect((await runIn(path, config, { resume: true })).result.end).toBe("done");
      expect(remains(path)).toEqual(whole);
    },
    300_000,
  );

  const dieAt = (begin: string) => ({
    note(text: string) {
      if (text.startsWith(begin)) throw new Error("killed");
    },
  });

  test.each([
    ["before it goes back", "collapse iteration", undefined],
    ["while it goes back: the later checkpoints are gone", "collapse iteration", () => good],
    ["when it has gone back", "rolled back", undefined],
  ] as const)(
    "the same bytes when it is killed %s",
    async (_, begin, removeAfter) => {
      using temporary = new TemporaryDirectory();
      const path = temporary.file("run");
      await expect(runIn(path, config, { watch: dieAt(begin) })).rejects.toThrow("killed");
      const checkpoints = join(path, "checkpoints");
      for (const name of readdirSync(checkpoints)) {
        if (removeAfter && Number(name) > removeAfter())
          rmSync(join(checkpoints, name), { recursive: true });
      }
      expect((await runIn(path, config, { resume: true })).result.end).toBe("done");
      expect(remains(path)).toEqual(whole);
    },
    300_000,
  );
});

test("a run that only warns goes on, and tells a signal once", async () => {
  using temporary = new TemporaryDirectory();
  const path = temporary.file("run");
  const { result, rows, notes } = await runIn(path, smallConfig(...TOO_FAST));
  expect(result).toMatchObject({ end: "done", iterations: 6 });
  const [first, ...more] = lines(path, "collapse.jsonl");
  expect(first).toMatchObject({ signal: "valid-actions", action: "warn", rollbacks: 0 });
  expect(more).toEqual([]);
  expect(notes.filter((note) => note.startsWith("collapse"))).toHaveLength(1);
  expect(rows[first!.iteration - 1]!.collapse_signals).toBe(1);
}, 300_000);

test("a run that stops does so in the iteration in which it is seen", async () => {
  using temporary = new TemporaryDirectory();
  const path = temporary.file("run");
  const config = smallConfig(...TOO_FAST, "train.on_collapse=stop");
  const { result } = await runIn(path, config);
  const [row] = lines(path, "collapse.jsonl");
  expect(row).toMatchObject({ signal: "valid-actions", action: "stop" });
  expect(result).toMatchObject({ end: "diverged", iterations: row!.iteration });
  // It is measured and kept where it stands, as any run is at its end.
  expect(result.last!.iteration).toBe(row!.iteration);
  const { last, state } = remains(path);
  expect(Number(last)).toBe(row!.iteration);
  expect(JSON.parse(state!).state).toMatchObject({ evaluationsDue: false });
  const evaluated = lines(path, "eval.jsonl");
  // Gone on with, it stops there again, and says so once.
  const again = await runIn(path, config, { resume: true });
  expect(again.result).toMatchObject({ end: "diverged", iterations: row!.iteration });
  expect(lines(path, "collapse.jsonl")).toEqual([row!]);
  expect(lines(path, "eval.jsonl")).toEqual(evaluated);
  // One who has thought about it goes on.
  const allowed = { ...config, train: { ...config.train, on_collapse: "warn" as const } };
  expect((await runIn(path, allowed, { resume: true })).result).toMatchObject({ iterations: 6 });
}, 300_000);

test("a run that is interrupted in the last evaluation before it stops makes it up, and stops", async () => {
  using temporary = new TemporaryDirectory();
  const [whole, cut] = [temporary.file("whole"), temporary.file("cut")];
  const config = smallConfig(...TOO_FAST, "train.on_collapse=stop", "train.checkpoint_every=2");
  await runIn(whole, config);
  let stop = false;
  const first = await runIn(cut, config, {
    watch: {
      note(line) {
        stop ||= line.startsWith("collapse");
      },
      evaluated(_, controller) {
        if (stop) controller.abort();
      },
    },
  });
  expect(first.result.end).toBe("interrupted");
  expect((await runIn(cut, config, { resume: true })).result.end).toBe("diverged");
  expect(remains(cut)).toEqual(remains(whole));
}, 300_000);

test("a run that collapses again and again goes back so often, then stops", async () => {
  using temporary = new TemporaryDirectory();
  const path = temporary.file("run");
  const stubborn = ["train.on_collapse=rollback", "train.collapse.rate_factor=0.99"];
  const config = smallConfig(...TOO_FAST, ...stubborn, "train.collapse.max_rollbacks=1");
  const { result, notes } = await runIn(path, config);
  expect(result.end).toBe("diverged");
  const collapse = lines(path, "collapse.jsonl");
  expect(collapse.map(({ action, rollbacks }) => [action, rollbacks])).toEqual([
    ["rollback", 0],
    ["stop", 1],
  ]);
  expect(notes).toContain("no rollback: the run has gone back 1 times");
  const again = await runIn(path, config, { resume: true });
  expect(again.result.end).toBe("diverged");
  expect(lines(path, "collapse.jsonl")).toEqual(collapse);
}, 300_000);

test("a run that was to go back, and has nothing to go back to, ends there however often it is continued", async () => {
  using temporary = new TemporaryDirectory();
  const path = temporary.file("run");
  // Begun as one that warns and keeps nothing on its way, it has no checkpoint of its beginning.
  const begun = smallConfig(...TOO_FAST, "train.checkpoint_every=0");
  const interruptAfterOne = (iteration: number, stop: AbortController) =>
    iteration === 1 && stop.abort();
  await runIn(path, begun, { watch: { iteration: interruptAfterOne } });
  const config = smallConfig(...TOO_FAST, ...GO_BACK, "train.checkpoint_every=0");
  const first = await runIn(path, config, { resume: true });
  expect(first.result.end).toBe("diverged");
  const collapse = lines(path, "collapse.jsonl");
  expect(collapse).toMatchObject([{ action: "stop", no_checkpoint: true }]);
  const over = () => endOf(RunDirectory.open(path).directory.written(), endRules(config));
  expect(over()).toBe("stopped");
  const again = await runIn(path, config, { resume: true });
  expect(again.result).toMatchObject({ end: "diverged", iterations: first.result.iterations });
  expect(lines(path, "collapse.jsonl")).toEqual(collapse);
}, 300_000);

describe("weights that an update broke", () => {
  const broken = [
    ...["env.invalid_action_penalty=0.1", "modulation.type=none", "optimizer.learning_rate=1e25"],
    ...["optimizer.warmup_updates=0", "train.max_skipped_updates=1", "eval.episodes=2"],
  ];

  test("are left behind: the run begins anew with a rate that is none", async () => {
    using temporary = new TemporaryDirectory();
    const path = temporary.file("run");
    const heal = ["train.on_collapse=rollback", "train.collapse.rate_factor=1e-29"];
    const { result } = await runIn(path, smallConfig(...broken, ...heal));
    expect(result).toMatchObject({ end: "done", iterations: 2 });
    const collapse = lines(path, "collapse.jsonl");
    expect(collapse.map(({ signal, action, back_to }) => [signal, action, back_to])).toEqual([
      ["not-finite", "rollback", 0],
    ]);
    expect(iterations(lines(path, "metrics.jsonl"))).toEqual([1, 2]);
  }, 300_000);

  test.each(["warn", "stop"])(
    "end a run under %s, which is written down",
    async (mode) => {
      using temporary = new TemporaryDirectory();
      const path = temporary.file("run");
      const { result } = await runIn(path, smallConfig(...broken, `train.on_collapse=${mode}`));
      expect(result.end).toBe("diverged");
      const [row, ...more] = lines(path, "collapse.jsonl");
      expect(row).toMatchObject({ signal: "not-finite", action: "stop", rollbacks: 0 });
      expect(more).toEqual([]);
    },
    300_000,
  );
});

describe("after a rollback", () => {
  const config = resolveConfig("", "defaults");

  test("rate and draws are others, and the same again for the same number of them", () => {
    const after = (rollbacks: number) => afterRollbacks(config, { rollbacks, rateFactor: 0.25 });
    expect(afterRollbacks(config, { rollbacks: 0, rateFactor: 1 })).toBe(config);
    expect(after(2).optimizer.learning_rate).toBeCloseTo(config.optimizer.learning_rate / 4, 12);
    expect(after(2)).toEqual(after(2));
    const seeds = [config, after(1), after(2)].map(({ run }) => run.seed);
    expect(new Set(seeds).size).toBe(3);
  });

  test("the files forget what came after, but not why", () => {
    using temporary = new TemporaryDirectory();
    const directory = RunDirectory.create(temporary.file("run"), "");
    const at = (iteration: number, more: object = {}) => ({ iteration, ...more });
    for (const row of [at(1), at(2), at(3)]) directory.append("metrics.jsonl", row);
    for (const row of [at(0), at(0, { beside: true }), at(2), at(3)])
      directory.append("eval.jsonl", row);
    const history = [
      at(9, { rollbacks: 0 }),
      at(2, { rollbacks: 1 }),
      at(3, { rollbacks: 1 }),
      at(1, { rollbacks: 2 }),
    ];
    for (const row of history) directory.append("collapse.jsonl", row);
    for (const iteration of [2, 3, 12]) writeFileSync(directory.rolloutFile(iteration), "{}\n");
    directory.rewind({ iteration: 2, evaluationsDue: false, rollbacks: 1 });
    expect(readdirSync(join(directory.path, "rollouts"))).toEqual(["000002.jsonl"]);
    expect(directory.rows("metrics.jsonl")).toEqual([at(1), at(2)]);
    expect(directory.rows("eval.jsonl")).toEqual([at(0), at(0, { beside: true }), at(2)]);
    expect(directory.rows("collapse.jsonl")).toEqual(history.slice(0, 2));
    directory.rewind({ iteration: 0, evaluationsDue: false, rollbacks: 2 });
    expect(directory.rows("metrics.jsonl")).toEqual([]);
    // What stands beside the first evaluation is measured after the first iteration.
    expect(directory.rows("eval.jsonl")).toEqual([at(0)]);
    expect(directory.rows("collapse.jsonl")).toEqual(history.slice(0, 2));
    directory.rewind({ iteration: 0, evaluationsDue: true, rollbacks: 0 });
    expect(directory.rows("eval.jsonl")).toEqual([]);
    expect(directory.rows("collapse.jsonl")).toEqual([]);
  });
});

describe("checkpoints that may be gone back to are kept", () => {
  const trainOf = (...set: string[]) =>
    resolveConfig("", "defaults", ["train.on_collapse=rollback", "train.iterations=60", ...set])
      .train;

  test.each([1, 3, 10, 25, 0])("with one every %d iterations", (every) => {
    const train = trainOf(`train.checkpoint_every=${every}`);
    const reach = train.collapse.window + train.collapse.patience + 1;
    let kept: number[] = [];
    for (let iteration = 0; iteration < train.iterations; iteration++) {
      if (!isRegular(iteration, train)) continue;
      const from = neededFrom(iteration, train);
      kept = [...kept.slice(-train.keep_checkpoints + 1), ...kept, iteration].filter(
        (at, place, all) => all.indexOf(at) === place && (at >= from || all.slice(-2).includes(at)),
      );
      // The earliest that a signal may have begun, seen before the next checkpoint is written.
      for (let seen = iteration + 1; seen <= iteration + Math.max(every, 1); seen++) {
        const since = Math.max(seen - reach + 1, 1);
        const newest = every > 0 ? since - 1 - ((since - 1) % every) : 0;
        expect(kept).toContain(newest);
      }
    }
  });

  test("and no others: without rollback none is", () => {
    expect(neededFrom(50, trainOf("train.on_collapse=warn"))).toBe(Number.POSITIVE_INFINITY);
    expect(isRegular(0, trainOf("train.on_collapse=warn"))).toBe(false);
    expect(neededFrom(50, trainOf("train.checkpoint_every=10"))).toBe(30);
  });
});
