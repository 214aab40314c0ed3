/** From stored trajectories to final advantages, as an iteration computes them. */

import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { empgScratch } from "../../src/algorithm/empg.ts";
import { readModulatedSteps } from "../../src/algorithm/modulated-steps.ts";
import { noteUngrouped } from "../../src/algorithm/teaching-groups.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import { rolloutBatch } from "../../src/rollout/batch.ts";
import { readTrajectories, type Trajectory } from "../../src/rollout/trajectory.ts";
import { resolveConfig } from "../../src/train/config-file.ts";
import { assignCredit } from "../../src/train/credit.ts";
import { learnedFrom } from "../../src/train/learned-from.ts";
import { outcomesOf } from "../../src/train/outcomes.ts";
import { modulate } from "../reference/advantage-modulation.ts";
import { groupAdvantages } from "../reference/group-advantage.ts";
import { stepEntropy } from "../reference/step-entropy.ts";
import { testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const FILE = join(import.meta.dir, "../golden/methods/trajectories.jsonl");
/** All of its members have the same return. */
const UNIFORM = "stone";

let gpu: Gpu;
let stored: Trajectory[];
beforeAll(async () => {
  gpu = await testGpu();
  stored = await Array.fromAsync(readTrajectories(FILE));
});

async function credit(...overrides: string[]) {
  const config = resolveConfig("", "test", overrides);
  const used = learnedFrom(stored, config);
  const batch = rolloutBatch(used, config.modulation.scope);
  using scope = gpu.scope();
  const size = { tokens: batch.stepOf.length, steps: batch.layout.stepOffsets.length - 1 };
  const scratch = empgScratch(scope, size);
  await assignCredit(gpu, scope, scratch, config, batch);
  return { used, steps: await readModulatedSteps(gpu, scratch, batch.layout) };
}

/** GRPO and EMPG of some trajectories from their definitions. */
function wanted(trajectories: readonly Trajectory[]) {
  const bases = groupAdvantages(
    trajectories.map((trajectory) => trajectory.return),
    trajectories.map(({ group }) => group),
  );
  return modulate(
    trajectories.map(({ group, steps }, i) => ({
      ...{ group, advantage: bases[i]! },
      entropies: steps.map(({ entropies }) => stepEntropy(entropies)),
    })),
    {},
  );
}

const advantagesOf = (steps: readonly (readonly { readonly advantage: number }[])[]) =>
  steps.flat().map(({ advantage }) => advantage);

describe("a group of equal returns", () => {
  test("under DAPO is left out before EMPG's statistics are taken", async () => {
    const { used, steps } = await credit("algorithm.method=dapo");
    expect(used.map(({ group }) => group)).not.toContain(UNIFORM);
    const others = stored.filter(({ group, end }) => group !== UNIFORM && end !== "fault");
    expect(used).toEqual(others);
    expect(advantagesOf(steps)).toBeClose(advantagesOf(wanted(others)), TOLERANCE.kernel);
    // It would have moved every one of them.
    const all = wanted(stored.filter(({ end }) => end !== "fault"));
    expect(Math.abs(all[0]![0]!.advantage - steps[0]![0]!.advantage)).toBeGreaterThan(1e-3);
  });

  test("under GRPO carries the bonus and the centring alone", async () => {
    const { used, steps } = await credit("algorithm.method=grpo");
    expect(advantagesOf(steps)).toBeClose(advantagesOf(wanted(used)), TOLERANCE.kernel);
    const uniform = steps.filter((_, i) => used[i]!.group === UNIFORM).flat();
    expect(uniform.map(({ baseAdvantage }) => baseAdvantage)).toEqual(uniform.map(() => 0));
    const last = uniform.find(({ clarity }) => clarity === null)!.advantage;
    for (const { clarity, advantage } of uniform) {
      expect(advantage - last).toBeClose(0.1 * (clarity ?? 0), TOLERANCE.kernel);
    }
    expect(uniform.some(({ clarity }) => clarity !== null)).toBe(true);
  });

  test("without the bonus gets one number everywhere, that of the centring", async () => {
    const { used, steps } = await credit("algorithm.method=grpo", "modulation.zeta=0");
    const uniform = steps.filter((_, i) => used[i]!.group === UNIFORM).flat();
    expect(new Set(uniform.map(({ advantage }) => advantage)).size).toBe(1);
  });
});

test("what overlong turns cost makes a difference where groups are dropped, and none where they are redrawn", () => {
  const [episode] = stored;
  const long = { ...episode!, group: "g", return: 1, steps: episode!.steps.slice(0, 1) };
  const tokens = long.steps[0]!.tokens.slice(0, 1);
  const short = { ...long, episode: "short", steps: [{ ...long.steps[0]!, tokens }] };
  expect(long.steps[0]!.tokens.length).toBeGreaterThan(1);
  const overlong = [
    "algorithm.overlong_penalty=1",
    "algorithm.overlong_max=2",
    "algorithm.overlong_buffer=1",
  ];
  const used = (...set: string[]) =>
    learnedFrom([long, short], resolveConfig("", "test", set)).length;
  expect(used("algorithm.uniform_groups=drop")).toBe(0);
  expect(used("algorithm.uniform_groups=drop", ...overlong)).toBe(2);
  expect(used("algorithm.uniform_groups=redraw", ...overlong)).toBe(0);
});

describe("which groups are left out", () => {
  const groupsOf = (trajectories: readonly Trajectory[], ...overrides: string[]) => [
    ...new Set(learnedFrom(trajectories, resolveConfig("", "test", overrides)).map((t) => t.group)),
  ];
  const step = (state: string, reward: number) => ({
    ...stored[0]!.steps[0]!,
    ...{ observation: state, state, reward, valid: true },
  });
  const episode = (group: string, ...steps: ReturnType<typeof step>[]): Trajectory => ({
    ...stored[0]!,
    ...{ group, end: "terminated", return: 1, steps },
  });
  const drop = (method: string) => [
    `algorithm.method=${method}`,
    "algorithm.uniform_groups=drop",
    "algorithm.overlong_penalty=0",
  ];

  test("drop keeps a group of equal returns in which GiGPO's step part teaches", () => {
    const told = [
      // Both earn 1 in all, but from state s on one has it sooner.
      episode("steps", step("s", 1)),
      episode("steps", step("s", 0), step("t", 1)),
      // Nothing is done twice from one state.
      episode("apart", step("u", 1)),
      episode("apart", step("v", 0), step("w", 1)),
      // What is done twice is worth the same.
      episode("alike", step("x", 0), step("y", 1)),
      episode("alike", step("x", 0), step("z", 1)),
    ];
    expect(groupsOf(told, ...drop("gigpo"))).toEqual(["steps"]);
    expect(groupsOf(told, ...drop("gigpo"), "algorithm.step_std=true")).toEqual(["steps"]);
    expect(groupsOf(told, ...drop("gigpo"), "algorithm.step_weight=0")).toEqual([]);
    expect(groupsOf(told, ...drop("gigpo"), "algorithm.gamma=1")).toEqual([]);
    expect(groupsOf(told, ...drop("grpo"))).toEqual([]);
    expect(groupsOf(told, ...drop("gigpo"), "algorithm.uniform_groups=redraw")).toEqual([]);
  });

  test("where the method compares no groups, leaving some out is said", () => {
    const said = (...overrides: string[]) =>
      noteUngrouped(resolveConfig("", "test", overrides).algorithm);
    for (const method of ["reinforce", "ppo"]) {
      expect(said(...drop(method))).toContain(`"${method}" compares no groups`);
      expect(said(`algorithm.method=${method}`)).toBeUndefined();
    }
    for (const method of ["grpo", "dapo", "rloo", "gigpo"]) {
      expect(said(...drop(method))).toBeUndefined();
    }
  });
});

describe("what a step earned sums to what the episode returned", () => {
  test.each([
    [["env.invalid_action_penalty=0.1"]],
    [
      [
        "env.invalid_action_penalty=0.1",
        "algorithm.overlong_penalty=0.5",
        "algorithm.overlong_max=8",
      ],
    ],
    [
      [
        "env.invalid_action_penalty=0.1",
        "algorithm.overlong_penalty=0.5",
        "algorithm.overlong_of=episode",
        "algorithm.overlong_max=12",
      ],
    ],
  ])("%j", (overrides) => {
    const outcomes = outcomesOf(stored, resolveConfig("", "test", overrides));
    for (const { return: total, steps } of outcomes) {
      const sum = steps.reduce((before, { reward }) => before + reward, 0);
      expect(sum).toBeClose(total, TOLERANCE.exact);
    }
    const paid = outcomes.filter(({ return: total }, i) => total < stored[i]!.return);
    expect(paid.length > 0).toBe(overrides.length > 1);
  });
});

test("the state of a step is the world's, or else what was seen", () => {
  const [first] = stored;
  const told = { ...first!, steps: first!.steps.map((step) => ({ ...step, state: "f00" })) };
  const [own, fallback] = outcomesOf([told, first!], resolveConfig("", "test"));
  expect(own!.steps.map(({ state }) => state)).toEqual(first!.steps.map(() => "f00"));
  expect(fallback!.steps.map(({ state }) => state)).toEqual(
    first!.steps.map(({ observation }) => observation),
  );
});
