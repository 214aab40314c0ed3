import { describe, expect, test } from "bun:test";
import { METHODS } from "../../src/algorithm/methods.ts";
import type { UserError } from "../../src/core/errors.ts";
import {
  commentedDefaults,
  loadConfig,
  resolveConfig,
  writeConfig,
} from "../../src/train/config-file.ts";

const LISTED = `${METHODS.slice(0, -1)
  .map((name) => `"${name}"`)
  .join(", ")} or "${METHODS.at(-1)}"`;

/** What a configuration is refused with: the problem, and the hint where there is one. */
function refusal(text: string, ...overrides: string[]): string {
  try {
    resolveConfig(text, "run.toml", overrides);
  } catch (error) {
    expect(error).toHaveProperty("name", "UserError");
    const { message, hint } = error as UserError;
    return hint === undefined ? message : `${message} → ${hint}`;
  }
  throw new Error("the configuration was accepted");
}

describe("defaults", () => {
  const defaults = resolveConfig("", "run.toml");

  test("modulation is the paper's", () => {
    expect(defaults.modulation).toEqual({
      type: "empg",
      k: 1,
      k_prime: 1,
      zeta: 0.1,
      eps: 1e-8,
      normalization: "min-max",
      scope: "batch",
      center: "all",
      step_entropy: "mean",
    });
  });

  test("the method is GRPO with its usual clip and KL", () => {
    expect(defaults.algorithm).toEqual({
      method: "grpo",
      std: true,
      eps: 1e-6,
      clip_low: 0.2,
      clip_high: 0.2,
      dual_clip: 0,
      kl_coefficient: 0.01,
      kl_estimator: "k3",
      loss_aggregation: "token-mean",
      entropy_coefficient: 0,
      dialect: "empg",
      uniform_groups: "keep",
      redraw_rounds: 10,
      overlong_penalty: 0,
      overlong_of: "turn",
    });
  });

  test("a signal of collapse is a warning, and every threshold is a key of the written file", () => {
    expect(defaults.train.on_collapse).toBe("warn");
    const commented = commentedDefaults();
    expect(commented).toContain("\n[train.collapse]");
    for (const key of Object.keys(defaults.train.collapse)) {
      expect(commented).toMatch(new RegExp(`^${key} = `, "m"));
    }
    const overridden = resolveConfig("[train.collapse]\npatience = 4", "run.toml", [
      "train.collapse.entropy_floor=0.2",
    ]);
    expect(overridden.train.collapse).toEqual({
      ...defaults.train.collapse,
      ...{ patience: 4, entropy_floor: 0.2 },
    });
    expect(refusal("[train]\non_collapse = 'rolback'")).toContain('"warn", "stop" or "rollback"');
    expect(refusal("[train.collapse]\npatients = 3")).toContain("patience");
  });

  test("all weights are trained unless a lora table asks for adapters", () => {
    expect(defaults.model).toEqual({ path: "builtin:tiny" });
    const { model } = resolveConfig("[model.lora]\nrank = 4", "run.toml");
    expect(model.lora?.rank).toBe(4);
    expect(model.lora?.targets).toHaveLength(7);
  });

  test("the commented file states every default, and the resolved file reads back the same", () => {
    expect(resolveConfig(commentedDefaults(), "init.toml")).toEqual(defaults);
    const changed = resolveConfig(
      '[env]\ndata = "C:\\\\worlds \\"old\\""\n[env.option]\ndistractors = 3\n[model.lora]\nrank = 2',
      "run.toml",
      ["optimizer.learning_rate=1e-6", "rollout.history=2"],
    );
    expect(resolveConfig(writeConfig(changed), "config.toml")).toEqual(changed);
    expect(changed.env.option).toEqual({ distractors: "3" });
  });

  test("the commented file names every key, those without a default too", () => {
    const commented = commentedDefaults();
    for (const key of ["data", "rank", "alpha", "targets", "k_prime", "method", "on_collapse"]) {
      expect(commented).toMatch(new RegExp(`^(# )?${key} = `, "m"));
    }
  });
});

describe("overrides", () => {
  test("replace what the file says, the last one winning", () => {
    const config = resolveConfig("[train]\niterations = 5\nepochs = 2", "run.toml", [
      "train.iterations=6",
      "train.iterations=7",
    ]);
    expect([config.train.iterations, config.train.epochs]).toEqual([7, 2]);
  });

  test("are TOML values, or bare words", () => {
    const config = resolveConfig("", "run.toml", [
      "modulation.type=none",
      'run.name="a-b"',
      "algorithm.std=false",
      "optimizer.learning_rate=1e-6",
      'model.lora.targets=["q_proj"]',
      "rollout.history=2",
    ]);
    expect(config.modulation.type).toBe("none");
    expect(config.run.name).toBe("a-b");
    expect(config.algorithm).toHaveProperty("std", false);
    expect(config.optimizer.learning_rate).toBe(1e-6);
    expect(config.model.lora?.targets).toEqual(["q_proj"]);
    expect(config.rollout.history).toBe(2);
  });

  test.each(["iterations=3", "train.iterations", "=3", "train.=3", ".x=3"])(
    "%s has no section and key",
    (override) => {
      expect(refusal("", override)).toBe(`--set ${override}: expected section.key=value`);
    },
  );

  test("a mistake in one is not blamed on the file", () => {
    expect(refusal("[train]\niterations = 3", "train.iterations=0")).toBe(
      "--set: train.iterations: found 0, allowed: a whole number ≥ 1",
    );
    expect(refusal("[train]\niterations = 0", "train.epochs=2")).toStartWith("run.toml: train.it");
  });

  test("a key below a value that is no table is refused", () => {
    expect(refusal("train = 3", "train.epochs=2")).toBe(
      '--set train.epochs=2: "train" is not a table in run.toml',
    );
  });

  test("the prototype cannot be reached", () => {
    expect(refusal("", "__proto__.polluted=1")).toStartWith('--set: unknown key "__proto__"');
    expect(refusal("", "train.__proto__=1")).toStartWith('--set: unknown key "train.__proto__"');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe("an unknown key names the nearest known one", () => {
  test.each([
    [
      "[rollout]\ngroup_sise = 3",
      'unknown key "rollout.group_sise" → did you mean "rollout.group_size"?',
    ],
    ["[trian]\niterations = 3", 'unknown key "trian" → did you mean "train"?'],
    [
      "[algorithm]\nclip_lo = 0.1",
      'unknown key "algorithm.clip_lo" → did you mean "algorithm.clip_low"?',
    ],
    ["[model.lora]\nranks = 1", 'unknown key "model.lora.ranks" → did you mean "model.lora.rank"?'],
    [
      "[train]\nlearning_rate = 1",
      'unknown key "train.learning_rate" → did you mean "optimizer.learning_rate"?',
    ],
    [
      "[report]\nquite_wrong_key = 1",
      'unknown key "report.quite_wrong_key" → known keys: rollouts_every, tensorboard',
    ],
  ])("%j", (text, expected) => {
    expect(refusal(text)).toBe(`run.toml: ${expected}`);
  });
});

describe("a wrong value is refused with key, what was found and what is allowed", () => {
  test.each([
    ["[rollout]\ngroup_size = 1.5", "rollout.group_size: found 1.5, allowed: a whole number ≥ 1"],
    ["[rollout]\ntemperature = 0", "rollout.temperature: found 0, allowed: a number ≥ 0.001"],
    ["[rollout]\ntop_p = 1.1", "rollout.top_p: found 1.1, allowed: a number > 0 and ≤ 1"],
    [
      '[rollout]\nhistory = "all"',
      'rollout.history: found "all", allowed: "full" or a whole number ≥ 0',
    ],
    [
      "[optimizer]\nlearning_rate = nan",
      "optimizer.learning_rate: found NaN, allowed: a number > 0",
    ],
    [
      "[optimizer]\nlearning_rate = inf",
      "optimizer.learning_rate: found Infinity, allowed: a number > 0",
    ],
    ['[train]\nepochs = "2"', 'train.epochs: found "2", allowed: a whole number ≥ 1'],
    ["[run]\nseed = -1", "run.seed: found -1, allowed: a whole number from 0 to 4294967295"],
    ['[modulation]\nscope = "task"', 'modulation.scope: found "task", allowed: "batch" or "group"'],
    [
      "[modulation]\nzeta = -0.1",
      "modulation.zeta: found -0.1, allowed: a number from 0 to 1000000",
    ],
    ["[report]\ntensorboard = 1", "report.tensorboard: found 1, allowed: true or false"],
    ["rollout = 3", "rollout: found 3, allowed: a table of keys and values"],
    ["algorithm = 3", "algorithm: found 3, allowed: a table of keys and values"],
    ['[model.lora]\ntargets = ["q_proj", "q_proj"]', "model.lora.targets: a target stands twice"],
    ["[model]\nlora = true", "model.lora: found true, allowed: a table of keys and values"],
  ])("%j", (text, expected) => {
    expect(refusal(text)).toBe(`run.toml: ${expected}`);
  });

  test("a run's name cannot leave the runs directory", () => {
    for (const name of ["../up", "a/b", "", ".", ".."]) {
      expect(refusal("", `run.name="${name}"`)).toStartWith(`--set: run.name: found "${name}"`);
    }
  });

  test("a method that does not exist here: the existing ones are named", () => {
    expect(refusal('[algorithm]\nmethod = "grop"')).toStartWith(
      `run.toml: algorithm.method: found "grop", allowed: ${LISTED}`,
    );
    expect(refusal("", "algorithm.method=x")).toStartWith(
      `--set: algorithm.method: found "x", allowed: ${LISTED}`,
    );
  });

  test("a key of another method names the methods that have it", () => {
    expect(refusal("", "algorithm.step_weight=2")).toBe(
      '--set: unknown key "algorithm.step_weight" → [algorithm] has it with method = "gigpo"',
    );
    expect(refusal('[algorithm]\nmethod = "rloo"\nstd = true')).toEndWith(
      '[algorithm] has it with method = "grpo" or method = "dapo" or method = "gigpo"',
    );
  });

  test("a modulation that does not exist: the existing ones are named", () => {
    expect(refusal("", "modulation.type=emgp")).toBe(
      '--set: modulation.type: found "emgp", allowed: "empg" or "none"',
    );
  });
});

describe("impossible combinations", () => {
  test.each([
    ["rollout.group_size=1", 'rollout.group_size is 1, but algorithm.method "grpo" compares'],
    [
      "rollout.group_size=1 algorithm.method=rloo",
      'rollout.group_size is 1, but algorithm.method "rloo" compares',
    ],
    [
      "rollout.group_size=1 algorithm.method=gigpo",
      'rollout.group_size is 1, but algorithm.method "gigpo" compares',
    ],
    ["train.minibatches=65", "train.minibatches is 65, but an iteration has only 64 trajectories"],
    ["train.micro_batch_tokens=8", "train.micro_batch_tokens is 8, too small for one turn"],
    [
      "modulation.normalization=z-score modulation.k_prime=11",
      'modulation.k_prime is 11, but with normalization "z-score" h lies below 0 too: allowed: up to 10',
    ],
    [
      "env.max_turns=1",
      "modulation.zeta is 0.1, but with env.max_turns = 1 no step has a successor",
    ],
    ["modulation.center=none", 'modulation.center "none" belongs to modulation.type "none"'],
  ])("%s", (override, expected) => {
    expect(refusal("", ...override.split(" "))).toStartWith(`--set: ${expected}`);
  });

  test("REINFORCE compares no group, and may have groups of one", () => {
    const overrides = ["rollout.group_size=1", "algorithm.method=reinforce"];
    expect(resolveConfig("", "run.toml", overrides).rollout.group_size).toBe(1);
  });

  test("ppo compares no groups: one of one is fine, as long as it is kept", () => {
    const ppo = ["algorithm.method=ppo", "rollout.group_size=1"];
    expect(resolveConfig("", "x", ppo).rollout.group_size).toBe(1);
    expect(refusal("", ...ppo, "algorithm.uniform_groups=redraw")).toStartWith(
      '--set: algorithm.uniform_groups is "redraw", but with rollout.group_size = 1 every group is uniform',
    );
  });

  test("center none is fine where nothing is modulated", () => {
    const overrides = ["modulation.center=none", "modulation.type=none"];
    expect(resolveConfig("", "run.toml", overrides).modulation.type).toBe("none");
  });
});

test("a syntax error names file and line", () => {
  expect(refusal("[train]\niterations = ten")).toStartWith("run.toml:2: ");
});

test("a file that does not exist is the caller's mistake", async () => {
  await expect(loadConfig("/nowhere/run.toml")).rejects.toThrow(
    "/nowhere/run.toml: cannot read: no such file or directory",
  );
});

test("an overlong buffer wider than its limit is refused", () => {
  const penalty = "algorithm.overlong_penalty=1";
  const turn = ["rollout.max_tokens_per_turn=8", "env.max_turns=2"];
  const buffer =
    (tokens: number, ...more: string[]) =>
    () =>
      resolveConfig("", "test", [penalty, ...turn, `algorithm.overlong_buffer=${tokens}`, ...more]);
  expect(buffer(8)).not.toThrow();
  expect(buffer(9)).toThrow(
    "the penalty ends at 8 tokens of a turn: allowed: a whole number from 1 to 8",
  );
  expect(buffer(16, "algorithm.overlong_of=episode")).not.toThrow();
  expect(buffer(17, "algorithm.overlong_of=episode")).toThrow("16 tokens of an episode");
  expect(buffer(5, "algorithm.overlong_max=4")).toThrow("from 1 to 4");
});

test("a turn may be as long as is usual for the world and its format", () => {
  const of = (...set: string[]) => resolveConfig("", "test", set).rollout.max_tokens_per_turn;
  expect(of()).toBe(24);
  expect(of("env.option.format=text")).toBe(512);
  for (const world of ["textcraft", "alfworld"]) {
    expect(of(`env.name=${world}`, "env.option.format=compact")).toBe(24);
    expect(of(`env.name=${world}`, "env.option.format=text")).toBe(512);
  }
  expect(of("env.name=webshop")).toBe(40);
  expect(of("env.name=webshop", "env.option.format=text")).toBe(512);
  expect(of("env.name=deepsearch")).toBe(32);
  expect(of("env.name=deepsearch", "env.option.format=text")).toBe(500);
  expect(of("env.option.format=text", "rollout.max_tokens_per_turn=7")).toBe(7);
});

test("a world's own turns and held-out tasks stand where nobody says otherwise", () => {
  const of = (...set: string[]) => {
    const { env, eval: evaluation, model } = resolveConfig("", "test", set);
    return [env.max_turns, evaluation.split, model.path];
  };
  expect(of()).toEqual([8, "test", "builtin:tiny"]);
  expect(of("env.name=alfworld")).toEqual([50, "heldout", "builtin:alfworld"]);
  expect(of("env.name=alfworld", "env.data=dir")).toEqual([50, "valid_seen", "builtin:alfworld"]);
  expect(of("env.name=webshop")).toEqual([15, "heldout", "builtin:webshop"]);
  expect(of("env.name=deepsearch")).toEqual([5, "heldout", "builtin:deepsearch"]);
  const own = ["env.max_turns=3", "eval.split=train", "model.path=mine"];
  expect(of("env.name=alfworld", ...own)).toEqual([3, "train", "mine"]);
});
