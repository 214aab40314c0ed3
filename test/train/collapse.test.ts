import { describe, expect, test } from "bun:test";
import { randomFrom, seedFor } from "../../src/core/random.ts";
import {
  type CollapseOptions,
  collapseSignals,
  notFinite,
  type SignalName,
} from "../../src/train/collapse.ts";
import { CollapseConfig } from "../../src/train/collapse-config.ts";

const OPTIONS: CollapseOptions = {
  ...CollapseConfig.parse({}),
  ...{ klMeasured: true, maxGradNorm: 1, maxTokensPerTurn: 100 },
};

/** An iteration in which nothing is wrong. */
const CALM = {
  ...{ success_rate: 0.5, invalid_action_rate: 0.2, turns_mean: 5, response_tokens_mean: 20 },
  ...{ kl: 0.02, update_kl: 0.02, grad_norm: 0.5, entropy_mean: 0.4 },
  ...{ groups_used: 8, updates_skipped: 0 },
};

type Change = Partial<Record<keyof typeof CALM | "episodes", number>>;

/** Calm iterations, then one row for each change. */
function rowsOf(calm: number, changes: readonly Change[]) {
  const rows = [...new Array<Change>(calm).fill({}), ...changes];
  return rows.map((change, i) => ({ ...CALM, ...change, iteration: i + 1 }));
}

/** The iteration at which each signal is first there. */
function found(
  calm: number,
  changes: readonly Change[],
  options: Partial<CollapseOptions> = {},
): Partial<Record<SignalName, number>> {
  const rows = rowsOf(calm, changes);
  const at: Partial<Record<SignalName, number>> = {};
  for (let last = rows.length; last > 0; last--) {
    for (const { signal } of collapseSignals(rows.slice(0, last), { ...OPTIONS, ...options })) {
      at[signal] = last;
    }
  }
  return at;
}

const times = (count: number, change: Change) => new Array<Change>(count).fill(change);

describe("each signal, and the near miss that is none", () => {
  test.each<[SignalName, Change, Change]>([
    // Ten times the median, twice the 90th percentile, and more than a hundredth of a nat.
    ["kl", { kl: 0.201 }, { kl: 0.199 }],
    ["grad-norm", { grad_norm: 5.01 }, { grad_norm: 4.99 }],
    ["entropy-floor", { entropy_mean: 0.0099 }, { entropy_mean: 0.0101 }],
    ["entropy-explosion", { entropy_mean: 1.21 }, { entropy_mean: 1.19 }],
    ["response-length", { response_tokens_mean: 90 }, { response_tokens_mean: 89.9 }],
  ])("%s", (signal, bad, near) => {
    expect(found(20, times(3, bad))).toEqual({ [signal]: 22 });
    expect(found(20, times(30, near))).toEqual({});
    // One iteration alone is chance.
    expect(found(20, [bad, {}, bad, {}, bad])).toEqual({});
  });

  test.each<[SignalName, Change, Change]>([
    ["success-drop", { success_rate: 0 }, { success_rate: 0.26 }],
    ["valid-actions", { invalid_action_rate: 1 }, { invalid_action_rate: 0.59 }],
  ])("%s", (signal, bad, near) => {
    const at = found(20, times(10, bad));
    expect(Object.keys(at)).toEqual([signal]);
    // Six of eight iterations are more than chance explains, and it has been so twice.
    expect(at[signal]).toBe(27);
    expect(found(20, times(30, near))).toEqual({});
  });

  test("a fall that takes longer than the window is none", () => {
    // A twentieth each time: within ten iterations less than a half, until little is left to lose.
    const slowly = Array.from({ length: 30 }, (_, i) => ({ success_rate: 0.8 * 0.95 ** i }));
    expect(found(20, slowly)).toEqual({});
    const fast = Array.from({ length: 30 }, (_, i) => ({ success_rate: 0.8 * 0.9 ** i }));
    expect(found(20, fast)["success-drop"]).toBeLessThan(40);
  });

  test("a fall that chance explains is none", () => {
    // The mean loses more than half, but single iterations scatter as widely.
    const wide = [1, 0, 0, 1, 0, 0, 0, 0].map((success_rate) => ({ success_rate }));
    const before = [1, 0, 1, 1, 0, 1, 0, 1].map((success_rate) => ({ success_rate }));
    expect(found(0, [...before, ...wide])).toEqual({});
  });

  test("a run that falls right after it began is compared with its first iterations", () => {
    expect(found(3, times(20, { invalid_action_rate: 0.95 }))).toHaveProperty("valid-actions");
    expect(found(2, times(20, { invalid_action_rate: 0.95 }))).toHaveProperty("valid-actions");
    const after = (first: Change) => found(0, [first, ...times(20, { invalid_action_rate: 0.95 })]);
    expect(after({})).toHaveProperty("valid-actions");
    // Four valid of eight tasks may have been luck, 32 of 64 episodes were none.
    expect(after({ invalid_action_rate: 0.5 })).toEqual({});
    expect(after({ invalid_action_rate: 0.5, episodes: 64 })).toHaveProperty("valid-actions");
    // A lucky beginning is no height to fall from.
    expect(found(0, [{ success_rate: 0.6 }, ...times(40, { success_rate: 0.2 })])).toEqual({});
  });

  test("success that never was cannot fall", () => {
    expect(found(0, times(60, { success_rate: 0 }))).toEqual({});
  });

  test("iterations in which every episode had a fault say nothing of the policy", () => {
    const lost = { success_rate: 0, invalid_action_rate: 0, turns_mean: 0, groups_used: 0 };
    expect(found(20, times(40, { ...lost, entropy_mean: 0, grad_norm: 0, kl: 0 }))).toEqual({});
  });

  test("iterations without an update have no gradient, KL or entropy", () => {
    const idle = { groups_used: 0, entropy_mean: 0, grad_norm: 0, kl: 0 };
    expect(found(20, times(20, idle))).toEqual({});
    // Nor do they make what comes after them look large.
    expect(found(20, [...times(30, idle), ...times(5, {})])).toEqual({});
  });

  test("where most iterations teach next to nothing, a lesson is no explosion", () => {
    const mostly = (i: number) => (i % 4 === 0 ? { grad_norm: 2 } : { grad_norm: 0.03 });
    const sparse = Array.from({ length: 60 }, (_, i) => mostly(i));
    expect(found(0, [...sparse, ...times(2, { grad_norm: 3 })])).toEqual({});
    expect(found(0, [...sparse, ...times(2, { grad_norm: 30 })])).toEqual({ "grad-norm": 62 });
  });

  test("KL is the one to the starting policy where that is measured, else the one of the updates", () => {
    const moved = times(3, { update_kl: 1 });
    expect(found(20, moved)).toEqual({});
    expect(found(20, moved, { klMeasured: false })).toEqual({ kl: 22 });
    const reference = times(3, { kl: 1 });
    expect(found(20, reference, { klMeasured: false })).toEqual({});
    // From nothing to next to nothing is no explosion.
    const still = { kl: 1e-5 };
    expect(found(0, [...times(20, still), ...times(3, { kl: 0.009 })])).toEqual({});
    expect(found(0, [...times(20, still), ...times(3, { kl: 0.011 })])).toEqual({ kl: 22 });
  });

  test("entropy that grows too slowly for its running median still outgrows the start", () => {
    const slowly = Array.from({ length: 120 }, (_, i) => ({ entropy_mean: 0.4 * 1.02 ** i }));
    // 1.02^56 is the first power beyond 3.
    expect(found(5, slowly)).toEqual({ "entropy-explosion": 5 + 56 + 2 });
  });

  test("entropy and length are compared with the first iteration, which plays what the run began with", () => {
    expect(found(1, times(3, { entropy_mean: 1.21 }))).toEqual({ "entropy-explosion": 3 });
    expect(found(1, times(3, { response_tokens_mean: 90 }))).toEqual({ "response-length": 3 });
    // Nothing was learned from the first, so nothing was measured.
    const idle = { groups_used: 0, entropy_mean: 0 };
    expect(found(0, [idle, {}, ...times(3, { entropy_mean: 1.21 })])).toEqual({
      "entropy-explosion": 4,
    });
  });

  test("one iteration of few tasks, or of none, is no beginning to be compared with", () => {
    const few = { entropy_mean: 0.2, groups_used: 1 };
    expect(found(0, [few, ...times(20, { entropy_mean: 0.7 })])).toEqual({});
    expect(found(0, [{ entropy_mean: 0 }, ...times(20, { entropy_mean: 0.7 })])).toEqual({});
    const lost = { turns_mean: 0, response_tokens_mean: 0 };
    expect(found(0, [lost, ...times(20, { response_tokens_mean: 95 })])).toEqual({});
    // Nor does one that was a little shorter say that turns have grown.
    const long = { response_tokens_mean: 89 };
    expect(found(0, [long, ...times(20, { response_tokens_mean: 91 })])).toEqual({});
  });

  test("a KL that was exactly 0 says nothing of what is ordinary", () => {
    const rising = [0, 0, 0, 2, 3, 5, 9].map((kl) => ({ kl }));
    expect(found(0, rising)).toEqual({ kl: 5 });
  });

  test("turns that were as long from the start did not grow", () => {
    expect(found(0, times(40, { response_tokens_mean: 99 }))).toEqual({});
  });

  test("before there is anything to compare with there is no comparison", () => {
    const wild = { kl: 1, grad_norm: 1e6, entropy_mean: 9 };
    expect(found(0, times(3, wild))).toEqual({});
    expect(found(2, times(2, { grad_norm: 1e6, kl: 1 }))).toEqual({});
    expect(found(3, times(2, { grad_norm: 1e6 }))).toEqual({ "grad-norm": 5 });
  });

  test("a policy that moved by more than a nat is another one, from the first iteration on", () => {
    expect(found(0, times(2, { kl: 1.01 }))).toEqual({ kl: 2 });
    // Later it is what is ordinary that counts: a run may be far from where it began.
    expect(found(0, [...times(4, { kl: 0.9 }), ...times(20, { kl: 1.1 })])).toEqual({});
  });

  test("an estimate of KL below 0 is as ordinary as one above", () => {
    for (const usual of [0.002, -0.002]) {
      expect(found(0, [...times(20, { kl: usual }), ...times(2, { kl: 5 })])).toEqual({ kl: 22 });
    }
  });

  test("a number that was no number is passed over, in memory and as null in the file", () => {
    for (const none of [Number.NaN, Number.POSITIVE_INFINITY, null as unknown as number]) {
      const bad = { kl: none, update_kl: none, grad_norm: none, entropy_mean: none };
      expect(found(20, times(5, bad))).toEqual({});
    }
  });
});

describe("every threshold is a setting", () => {
  test.each<[Partial<CollapseOptions>, Change, SignalName]>([
    [{ success_drop: 0.1 }, { success_rate: 0.4 }, "success-drop"],
    [{ valid_drop: 0.1 }, { invalid_action_rate: 0.4 }, "valid-actions"],
    [{ kl_multiple: 3 }, { kl: 0.07 }, "kl"],
    [{ grad_norm_multiple: 3 }, { grad_norm: 2 }, "grad-norm"],
    [{ entropy_floor: 0.2 }, { entropy_mean: 0.15 }, "entropy-floor"],
    [{ entropy_multiple: 1.5 }, { entropy_mean: 0.7 }, "entropy-explosion"],
    [{ response_share: 0.5 }, { response_tokens_mean: 55 }, "response-length"],
  ])("%j", (options, change, signal) => {
    expect(found(20, times(30, change))).toEqual({});
    expect(Object.keys(found(20, times(30, change), options))).toEqual([signal]);
  });

  test.each<[Partial<CollapseOptions>, Change]>([
    [{ success_drop: 1 }, { success_rate: 0 }],
    [{ valid_drop: 1 }, { invalid_action_rate: 1 }],
    [{ entropy_floor: 0 }, { entropy_mean: 0 }],
    [{ response_share: 1.01 }, { response_tokens_mean: 100 }],
  ])("%j never fires", (options, change) => {
    expect(found(20, times(30, change))).not.toEqual({});
    expect(found(20, times(30, change), options)).toEqual({});
  });

  test("patience, smoothing and window", () => {
    const bad = times(12, { grad_norm: 9 });
    expect(found(20, bad, { patience: 1 })).toEqual({ "grad-norm": 21 });
    expect(found(20, bad, { patience: 3 })).toEqual({ "grad-norm": 23 });
    const none = times(12, { success_rate: 0 });
    expect(found(20, none, { smoothing: 1, patience: 1 })).toEqual({ "success-drop": 21 });
    expect(found(20, none, { window: 3 })).toEqual({});
  });
});

describe("where a signal began", () => {
  const last = (calm: number, changes: readonly Change[]) =>
    collapseSignals(rowsOf(calm, changes), OPTIONS);

  test("is the iteration before the first past the limit: that one plays with its weights", () => {
    expect(last(20, times(2, { grad_norm: 9 }))).toEqual([
      { signal: "grad-norm", value: 9, limit: 5, since: 20, fresh: true },
    ]);
    expect(last(20, times(3, { grad_norm: 9 }))[0]).toMatchObject({ since: 20, fresh: false });
  });

  test("is the best iteration, for a fall: what it played with is good, what it learned may not be", () => {
    const [signal] = last(20, times(7, { success_rate: 0 }));
    // Eight iterations up to the twentieth were the last without a loss.
    expect(signal).toMatchObject({ signal: "success-drop", limit: 0.25, since: 20, fresh: true });
    expect(signal!.value).toBeCloseTo(0.0625, 12);
  });
});

describe("updates that are not finite", () => {
  const rows = (...skipped: number[]) =>
    rowsOf(
      0,
      skipped.map((updates_skipped) => ({ updates_skipped })),
    );

  test("are a signal when so many follow one another", () => {
    expect(notFinite(rows(0, 0, 2), 2, 3)).toEqual([]);
    expect(notFinite(rows(0, 0, 3), 3, 3)).toEqual([
      { signal: "not-finite", value: 3, limit: 3, since: 2, fresh: true },
    ]);
  });

  test("began where the first of them was, or in the last update before it", () => {
    expect(notFinite(rows(0, 0, 1, 0, 1, 1), 3, 3)[0]!.since).toBe(2);
    // What a run begins with is nobody's fault.
    expect(notFinite(rows(4), 4, 3)[0]!.since).toBe(1);
  });
});

test("rates that only scatter are no collapse, and one that breaks off is seen within ten iterations", () => {
  let alarms = 0;
  const delays: number[] = [];
  for (let run = 0; run < 200; run++) {
    const random = randomFrom(seedFor(run, "scatter"));
    // Eight tasks of eight episodes, some tasks easy and some hopeless, about two in five won.
    const rate = () => {
      const wins = Array.from({ length: 8 }, () => {
        const skill = random.uniform() ** 1.5;
        return Array.from({ length: 8 }, () => (random.uniform() < skill ? 1 : 0));
      });
      return wins.flat().reduce<number>((a, b) => a + b, 0) / 64;
    };
    const steady = Array.from({ length: 60 }, () => ({ success_rate: rate() }));
    const [at] = Object.values(found(0, steady));
    if (at !== undefined) alarms++;
    else {
      const broken = Array.from({ length: 12 }, () => ({ success_rate: rate() / 10 }));
      const seen = found(0, [...steady, ...broken])["success-drop"];
      delays.push((seen ?? Number.POSITIVE_INFINITY) - 60);
    }
  }
  expect(alarms).toBeLessThanOrEqual(2);
  delays.sort((a, b) => a - b);
  expect(delays.filter((delay) => delay <= 10).length / delays.length).toBeGreaterThan(0.95);
}, 60_000);
