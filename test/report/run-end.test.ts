import { describe, expect, test } from "bun:test";
import {
  type EndSignal,
  endOf,
  endRules,
  stopsAt,
  tokensSpent,
  type WrittenRows,
} from "../../src/report/run-end.ts";
import { resolveConfig } from "../../src/train/config-file.ts";

const at = (...iterations: number[]) => iterations.map((iteration) => ({ iteration }));
const stop = (iteration: number, more: Partial<EndSignal> = {}): EndSignal => ({
  ...{ iteration, signal: "kl", action: "stop", rollbacks: 0 },
  ...more,
});
const rules = (...overrides: string[]) =>
  endRules(resolveConfig("", "test", ["train.iterations=9", "eval.beside=false", ...overrides]));
const written = (rows: Partial<WrittenRows>): WrittenRows => ({
  ...{ metrics: at(1, 2, 3), evaluations: at(0, 2), signals: [] },
  ...rows,
});
const STOP = rules("train.on_collapse=stop");

describe("a run that collapse stopped", () => {
  const signals = [stop(3)];

  test("is over when its last evaluation is made, and not before", () => {
    expect(endOf(written({ signals }), STOP)).toBeUndefined();
    expect(endOf(written({ signals, evaluations: at(0, 2, 3) }), STOP)).toBe("stopped");
  });

  test("waits for the evaluations beside the last one, too", () => {
    const beside = rules("train.on_collapse=stop", "eval.beside=true");
    const evaluated = (...iterations: number[]) =>
      endOf(written({ signals, evaluations: at(...iterations) }), beside);
    expect(evaluated(0, 0, 0, 3, 3)).toBeUndefined();
    expect(evaluated(0, 0, 0, 3, 3, 3)).toBe("stopped");
  });

  test("waits for none where its weights are no numbers, under warn too", () => {
    const broken = [stop(3, { signal: "not-finite" })];
    expect(endOf(written({ signals: broken }), STOP)).toBe("stopped");
    expect(endOf(written({ signals: broken }), rules())).toBe("stopped");
    // It broke while it played the next iteration, of which nothing is written.
    expect(endOf(written({ signals: [stop(4, { signal: "not-finite" })] }), STOP)).toBe("stopped");
  });

  test("goes on when it has gone on, or is told to", () => {
    const evaluations = at(0, 2, 3, 4);
    expect(endOf(written({ signals, evaluations, metrics: at(1, 2, 3, 4) }), STOP)).toBeUndefined();
    expect(endOf(written({ signals, evaluations }), rules())).toBeUndefined();
    const rollback = (most: number) =>
      rules("train.on_collapse=rollback", `train.collapse.max_rollbacks=${most}`);
    expect(
      stopsAt([stop(3, { rollbacks: 1 })], { iteration: 3, rollbacks: 1 }, rollback(1)),
    ).toHaveLength(1);
    expect(
      stopsAt([stop(3, { rollbacks: 1 })], { iteration: 3, rollbacks: 1 }, rollback(2)),
    ).toEqual([]);
  });

  test("and has gone back since is not stopped by what lies in the past", () => {
    const past = [stop(3), stop(5, { action: "rollback" })];
    expect(endOf(written({ signals: past, evaluations: at(0, 2, 3) }), STOP)).toBeUndefined();
  });
});

describe("a run that trained as long as it was to", () => {
  const all = written({ metrics: at(1, 9), evaluations: at(0, 9) });

  test("by iterations, once it is evaluated", () => {
    expect(endOf(all, rules())).toBe("done");
    expect(endOf({ ...all, evaluations: at(0, 8) }, rules())).toBeUndefined();
    expect(endOf(all, rules("train.iterations=10"))).toBeUndefined();
  });

  test("by tokens, of its own configuration or of the comparison", () => {
    const spent = written({
      metrics: [{ iteration: 3, tokens_generated: 10, tokens_total: 50 }],
      evaluations: at(3),
    });
    expect(endOf(spent, rules("train.token_budget=50"))).toBe("done");
    expect(endOf(spent, rules("train.token_budget=51"))).toBeUndefined();
    expect(endOf(spent, endRules({}, 50))).toBe("done");
    expect(endOf(spent, endRules({}))).toBeUndefined();
  });
});

test("a run that wrote no totals has generated what its iterations did", () => {
  const metrics = at(1, 2).map((row) => ({ ...row, tokens_generated: 7 }));
  expect(tokensSpent({ metrics, signals: [] })).toBe(14);
});

test("tokens that a rollback undid are spent, and may be the last ones of a run", () => {
  const metrics = [{ iteration: 1, tokens_generated: 10, tokens_total: 10 }];
  const back = stop(4, { action: "rollback", tokens: 40 });
  const rows = written({ metrics, evaluations: at(0, 1), signals: [back] });
  expect(tokensSpent(rows)).toBe(40);
  expect(endOf(rows, rules("train.token_budget=40"))).toBe("done");
  expect(endOf(rows, rules("train.token_budget=41"))).toBeUndefined();
  // Gone back to the beginning: nothing stands beside an evaluation that no iteration follows.
  const begun = { ...rows, metrics: [], evaluations: at(0) };
  expect(endOf(begun, rules("train.token_budget=40", "eval.beside=true"))).toBe("done");
});
