import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Episode, World } from "../../src/env/env.ts";
import { TextCraft } from "../../src/env/textcraft/world.ts";
import type { Gpu } from "../../src/gpu/device.ts";
import type { Scope } from "../../src/gpu/memory.ts";
import { blocksFor } from "../../src/model/block-pool.ts";
import { Generator } from "../../src/model/generate.ts";
import { type Collector, collect, play } from "../../src/rollout/collect.ts";
import type { Trajectory } from "../../src/rollout/trajectory.ts";
import { openPolicy, type Policy } from "../../src/train/policy.ts";
import { testGpu } from "../support/device.ts";

const GROUPS = 3;
const MEMBERS = 4;
const SAMPLING = { temperature: 1, topP: 1 };
const world = new TextCraft({
  option: { distractors: "2", min_solution_turns: "2", max_solution_turns: "4" },
});
const tasks = world.splits.train!;

const plans = Array.from({ length: GROUPS * MEMBERS }, (_, i) => {
  const group = Math.floor(i / MEMBERS);
  return {
    ...{ name: `${i}`, group: `${group}`, task: tasks[7 * group]! },
    ...{ openingSeed: group, seed: 100 + i },
  };
});

let gpu: Gpu;
let scope: Scope;
let policy: Policy;
beforeAll(async () => {
  gpu = await testGpu();
  scope = gpu.scope();
  policy = await openPolicy(gpu, scope, "builtin:tiny");
});
afterAll(() => scope[Symbol.dispose]());

/** What a call of the generator was asked: tokens it fed, sequences that drew, and prompts that did not. */
interface Call {
  readonly tokens: number;
  readonly rows: number;
  readonly prompts: number;
  /** Sequences that were fed again, in the pieces of before. */
  readonly again: number;
}

interface Change {
  readonly rows?: number;
  readonly draws?: number;
  readonly blocks?: number;
  readonly history?: "full" | number;
  readonly world?: World;
}

/** A collector whose calls are written down; its memory goes with `own`. */
function collectorIn(own: Scope, change: Change): { collector: Collector; calls: Call[] } {
  const { rows = plans.length, draws = 1, blocks = 1000, history = "full" } = change;
  const generator = new Generator(gpu, own, policy.model, { tokens: 200, rows, draws, blocks });
  const calls: Call[] = [];
  const extend = generator.extend.bind(generator);
  generator.extend = (extensions, sampling) => {
    const drawing = extensions.filter(({ draw }) => draw);
    const tokens = extensions.flatMap(({ pieces }) => pieces).flat().length;
    const prompts = extensions.length - drawing.length;
    const again = drawing.filter(({ pieces }) => pieces.length > 1).length;
    calls.push({ tokens, rows: drawing.length, prompts, again });
    return extend(extensions, sampling);
  };
  const collector = {
    ...{ world: change.world ?? world, generator, rows },
    ...{ format: world.format, text: policy, history },
    ...{ maxTurns: 8, maxTokensPerTurn: 24, invalidActionPenalty: 0, timeoutMs: 60_000 },
    maxPositions: 512,
  };
  return { collector, calls };
}

async function collectAll(change: Change = {}) {
  using own = gpu.scope();
  const { collector, calls } = collectorIn(own, change);
  const { trajectories } = await collect(collector, plans, SAMPLING);
  const { pool } = collector.generator;
  expect(pool.free).toBe(pool.count);
  return { trajectories, calls };
}

const fed = (calls: readonly Call[]) => calls.reduce((sum, { tokens }) => sum + tokens, 0);

/** Blocks that an episode's largest context needs; the first begins with the opening but for its last token. */
function blocksOf({ steps }: Trajectory): number {
  const contexts: { shared: number; own: number }[] = [];
  steps.forEach(({ context, prompt_tokens, tokens }, i) => {
    const fresh = i > 0 && context === "fresh";
    const shared = prompt_tokens.length - 1;
    if (i === 0) contexts.push({ shared, own: 1 });
    else if (fresh) contexts.push({ shared: 0, own: prompt_tokens.length });
    else contexts.at(-1)!.own += prompt_tokens.length;
    contexts.at(-1)!.own += tokens.length;
  });
  // The last token drawn in a context is fed to nobody.
  return Math.max(...contexts.map(({ shared, own }) => blocksFor(shared) + blocksFor(own - 1)));
}

describe.each(["full", 1] as const)("with history %p, episodes over a cache", (history) => {
  let free: Awaited<ReturnType<typeof run>>;
  let needed: number;
  const run = (change: Change = {}) => collectAll({ history, ...change });
  beforeAll(async () => {
    free = await run();
    needed = Math.max(...free.trajectories.map(blocksOf));
  });

  test("differ, and end at different times", () => {
    const lengths = free.trajectories.map(
      ({ steps }) => steps.flatMap((step) => step.tokens).length,
    );
    expect(new Set(lengths).size).toBeGreaterThan(3);
    expect(free.trajectories.map(({ episode }) => episode)).toEqual(plans.map(({ name }) => name));
  });

  test("compute a group's prompt once, however few run at a time", async () => {
    const two = await run({ rows: 2 });
    for (const { calls } of [free, two]) {
      expect(calls.reduce((sum, { prompts }) => sum + prompts, 0)).toBe(GROUPS);
    }
    expect(fed(two.calls)).toBe(fed(free.calls));
  });

  test("that are over make room at once", async () => {
    const rows = 4;
    const { trajectories, calls } = await run({ rows });
    expect(trajectories).toEqual(free.trajectories);
    // All rows are taken until the last episode has begun; from then on they only become fewer.
    const counts = calls.map((call) => call.rows);
    const last = counts.lastIndexOf(rows);
    expect(new Set(counts.slice(0, last))).toEqual(new Set([rows]));
    expect(counts.slice(last)).toEqual(counts.slice(last).toSorted((a, b) => b - a));
  });

  test.each([2, 8])("are the same with %d tokens a call", async (draws) => {
    const { trajectories, calls } = await run({ draws });
    expect(trajectories).toEqual(free.trajectories);
    expect(calls.length).toBeLessThan(free.calls.length / 1.5);
  });

  test("are the same, bit for bit, when the cache holds barely one of them", async () => {
    for (const change of [{}, { rows: 5, draws: 8 }]) {
      const { trajectories } = await run({ blocks: needed, ...change });
      expect(trajectories).toEqual(free.trajectories);
    }
  });

  test("are the same when rows lose their blocks and are fed again", async () => {
    const all: Call[] = [];
    for (const change of [{ blocks: 2 }, { blocks: 5, draws: 4 }, { blocks: 12, rows: 8 }]) {
      const { trajectories, calls } = await run({ ...change, blocks: needed + change.blocks });
      expect(trajectories).toEqual(free.trajectories);
      all.push(...calls);
    }
    expect(all.some(({ again }) => again > 0)).toBe(true);
    expect(free.calls.every(({ again }) => again === 0)).toBe(true);
  });

  test("are cut off when they need more than the whole cache, in the same place for any number of draws", async () => {
    const one = await run({ blocks: needed - 1 });
    const cut = one.trajectories.filter((_, i) => blocksOf(free.trajectories[i]!) >= needed);
    expect(cut.length).toBeGreaterThan(0);
    for (const { end } of cut) expect(end).toBe("truncated");
    one.trajectories.forEach((trajectory, i) => {
      const whole = free.trajectories[i]!;
      if (blocksOf(whole) < needed) expect(trajectory).toEqual(whole);
      else expect(trajectory.steps).toEqual(whole.steps.slice(0, trajectory.steps.length));
    });
    const eight = await run({ blocks: needed - 1, draws: 8 });
    expect(eight.trajectories).toEqual(one.trajectories);
  });

  test("whose opening does not fit have no turn, and their neighbours play on", async () => {
    const lengths = free.trajectories.map(({ steps }) => steps[0]!.prompt_tokens.length);
    const shortest = Math.min(...lengths);
    const blocks = blocksFor(shortest - 1) + 1;
    const { trajectories } = await run({ blocks });
    trajectories.forEach(({ steps, end }, i) => {
      const fits = blocksFor(lengths[i]! - 1) < blocks;
      expect(steps.length > 0).toBe(fits);
      if (!fits) expect(end).toBe("truncated");
    });
    expect(trajectories.some(({ steps }) => steps.length > 0)).toBe(true);
    expect(trajectories.some(({ steps }) => steps.length === 0)).toBe(true);
  });
});

describe("episodes are closed", () => {
  /** The same world, with a count of the episodes that are open, and a limit to those it begins. */
  function counted(begins = Number.POSITIVE_INFINITY) {
    const state = { begun: 0, open: 0 };
    const counting: World = {
      name: world.name,
      splits: world.splits,
      format: world.format,
      async start(...what: Parameters<World["start"]>) {
        if (state.begun === begins) throw new Error("no more episodes");
        state.begun++;
        state.open++;
        const episode: Episode = await world.start(...what);
        const close = () => {
          state.open--;
        };
        return {
          ...{ task: episode.task, opening: episode.opening, close },
          step: (action) => episode.step(action),
          admissible: () => episode.admissible(),
          stateKey: () => episode.stateKey(),
        };
      },
      expert: world.expert.bind(world),
    };
    return { counting, state };
  }

  test("each as soon as it is over", async () => {
    using own = gpu.scope();
    const { counting, state } = counted();
    const { collector } = collectorIn(own, { rows: 2, world: counting });
    let given = 0;
    for await (const _ of play(collector, plans, SAMPLING)) {
      given++;
      expect(state.open).toBeLessThanOrEqual(2);
      expect(state.begun).toBeLessThanOrEqual(given + state.open + 2);
    }
    expect([given, state.begun, state.open]).toEqual([plans.length, plans.length, 0]);
  });

  test("when nobody wants the rest", async () => {
    using own = gpu.scope();
    const { counting, state } = counted();
    const { collector } = collectorIn(own, { rows: 3, world: counting });
    for await (const _ of play(collector, plans, SAMPLING)) break;
    expect(state.begun).toBeGreaterThan(1);
    expect(state.open).toBe(0);
  });

  test("when the world begins no more; those that it began play as if nothing had happened", async () => {
    using own = gpu.scope();
    const { counting, state } = counted(4);
    const { collector } = collectorIn(own, { rows: 3, world: counting });
    const { trajectories } = await collect(collector, plans, SAMPLING);
    expect([state.begun, state.open]).toEqual([4, 0]);
    const whole = (await collectAll()).trajectories;
    expect(trajectories.slice(0, 4)).toEqual(whole.slice(0, 4));
    for (const { end, reason, steps } of trajectories.slice(4)) {
      expect({ end, reason, steps }).toEqual({
        end: "fault",
        reason: "no more episodes",
        steps: [],
      });
    }
    const again = await collect({ ...collector, world }, plans, SAMPLING);
    expect(again.trajectories).toEqual(whole);
  });
});
