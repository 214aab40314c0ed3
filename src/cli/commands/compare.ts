/** `empg compare`: methods side by side under one token budget, over several seeds, with intervals. */

import { UserError } from "../../core/errors.ts";
import { formatDuration, formatPercent } from "../../core/format.ts";
import { tellCaveat } from "../../env/caveats.ts";
import type { Plan } from "../../train/comparison-plan.ts";
import { defineCommand, EXIT, type Io } from "../command.ts";
import { concludeComparison } from "../conclude-comparison.ts";
import { list, number, operand, text } from "../flags.ts";
import { TARGET } from "../report-flags.ts";
import { required } from "../required.ts";

export const command = defineCommand({
  name: "compare",
  summary: "methods side by side: same tasks, tokens, seeds and weights; a table with intervals",
  operands: { config: operand.optional("a TOML file; absent: the built-in demo") },
  flags: {
    methods: text("A,B,…", "grpo, dapo, …, each alone or with +empg, +scale, +clarity, +center"),
    arm: list("NAME=METHOD,KEY=VALUE,…", "a method with keys of its own, as one more arm"),
    seeds: number("N", "runs of each, with seeds from run.seed on", {
      type: "integer",
      minimum: 1,
      maximum: 1000,
      fallback: 4,
    }),
    tokens: number("N", "tokens that a run generates; absent: train.token_budget", {
      type: "integer",
      minimum: 1,
    }),
    target: TARGET,
    out: text("DIR", "where the runs and the table go; one that is there is continued"),
    set: list("SECTION.KEY=VALUE", "override one key of the shared configuration"),
  },
  interruptible: true,
  async run(args, io) {
    const { config: file, methods = "", target, out, set, seed, device, json } = args;
    const directory = required("compare: --out DIR", out);
    const { armConfig, customArm, givenConfig, methodArm, refuseArmKeys, requireDistinctArms } =
      await import("../../train/comparison-arms.ts");
    const { claimComparison, writePlan } = await import("../../train/comparison-plan.ts");
    const names = methods === "" ? [] : methods.split(",").map((name) => name.trim());
    const arms = [...names.map(methodArm), ...args.arm.map(customArm)];
    requireArms(arms.map(({ name }) => name));
    const overrides = [...set, ...(seed === undefined ? [] : [`run.seed=${seed}`])];
    const shared = await sharedText(file, overrides);
    refuseArmKeys(set);
    const given = { config: shared.text, set: overrides };
    const base = givenConfig(given, arms[0]!, shared.name);
    const budget = args.tokens ?? base.train.token_budget;
    if (budget === undefined) {
      throw new UserError(
        "compare: no token budget: the methods would be compared at different costs",
        "give --tokens N; metrics.jsonl of a run says how many an iteration generates",
      );
    }
    const seeds = Array.from({ length: args.seeds }, (_, i) => base.run.seed + i);
    requireSeeds(seeds);
    const asked: Plan = { ...given, arms, seeds, token_budget: budget };
    // What one arm cannot do is found before the first run is made.
    const configs = arms.map((arm) => ({
      arm,
      config: ofArm(arm.name, () => armConfig(asked, arm, seeds[0]!, shared.name)),
    }));
    requireDistinctArms(configs);
    const { armNotes } = await import("../../train/arm-notes.ts");
    const { noteIterations } = await import("../../train/budget.ts");
    const { openWorld } = await import("../../env/worlds.ts");
    const { openModel } = await import("../../model/builtin.ts");
    const { modelFingerprint } = await import("../../model/model-fingerprint.ts");
    const { openText, requireSplit } = await import("../../train/policy.ts");
    const { requireKnownWords } = await import("../../train/known-words.ts");
    const { openGpu } = await import("../../gpu/device.ts");
    const { compare, requireMemory, requireOwnRuns } = await import("../../train/compare.ts");
    const { name, data, option, split, timeout_ms: timeoutMs } = base.env;
    const world = await openWorld(name, { data, option, timeoutMs, note: io.note });
    const tasks = requireSplit(world, split, "env.split");
    requireSplit(world, base.eval.split, "eval.split");
    for (const one of new Set([split, base.eval.split])) tellCaveat(world, one, io.note);
    const files = openModel(base.model.path);
    const { tokenizer } = openText(base.model.path, files);
    await requireKnownWords(world, tasks, base.model.path, tokenizer);
    const gpu = await openGpu(device ?? base.run.device);
    try {
      requireMemory(
        { gpu, files },
        configs.map(({ arm, config }) => ({ name: arm.name, config })),
      );
      using _lock = claimComparison(directory);
      const plan = writePlan(directory, { ...asked, model: modelFingerprint(files) });
      requireOwnRuns(plan, directory);
      const { description } = gpu.adapter.adapter.info;
      io.note(`device   ${description} (${gpu.adapter.software ? "software adapter" : "GPU"})`);
      // The demo's own iterations were nobody's decision.
      const asks =
        file !== undefined || set.some((one) => one.trim().startsWith("train.iterations"));
      const ignored = asks ? noteIterations(base.train) : undefined;
      if (ignored !== undefined) io.note(`note     ${ignored}`);
      for (const { arm, config } of configs) {
        for (const note of armNotes(asked, arm, config, shared.name)) io.note(`note     ${note}`);
      }
      io.note(`compare  ${arms.length} arms × ${seeds.length} seeds, ${budget} tokens each`);
      const result = await compare({
        ...{ gpu, plan, arms, seeds, directory, world, files },
        interrupted: io.interrupted,
        events: watcher(io),
      });
      const share = formatPercent(result.totalMs > 0 ? result.runsMs / result.totalMs : 1);
      io.note(`${result.runs} runs in ${formatDuration(result.totalMs)}, ${share} of it in runs`);
      if (result.end === "interrupted") {
        io.note("interrupted; the same command continues");
        return EXIT.resumable;
      }
      await concludeComparison(directory, { target, json }, io);
      return EXIT.done;
    } finally {
      gpu.close();
    }
  },
});

function requireArms(names: readonly string[]): void {
  if (names.length === 0) {
    throw new UserError(
      "compare: no methods",
      "--methods grpo,grpo+empg, or --arm NAME=METHOD,KEY=VALUE",
    );
  }
  // Names are directories: on some systems capitals make no other one.
  const places = names.map((name) => name.toLowerCase());
  const twice = names.find((_, i) => places.indexOf(places[i]!) < i);
  if (twice !== undefined) throw new UserError(`compare: arm "${twice}" is named twice`);
}

/** Whose configuration a mistake is in. */
function ofArm<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof UserError) || error.message.startsWith("arm ")) throw error;
    throw new UserError(`arm "${name}": ${error.message}`, error.hint);
  }
}

function requireSeeds(seeds: readonly number[]): void {
  const last = seeds.at(-1)!;
  if (last <= 0xffff_ffff) return;
  throw new UserError(
    `compare: ${seeds.length} seeds from ${seeds[0]} on end at ${last}, allowed: up to ${0xffff_ffff}`,
    "lower --seed or --seeds",
  );
}

async function sharedText(
  file: string | undefined,
  overrides: readonly string[],
): Promise<{ name: string; text: string }> {
  const { readTextFile } = await import("../../core/text-file.ts");
  const { basisFor } = await import("../../train/demo.ts");
  if (file === undefined) return basisFor(overrides);
  return { name: file === "-" ? "standard input" : file, text: await readTextFile(file) };
}

type Events = Parameters<typeof import("../../train/compare.ts")["compare"]>[0]["events"];

function watcher(io: Io): Events {
  return {
    begun: (arm, seed, resumed) =>
      io.note(`run      ${arm.name} seed ${seed}${resumed ? ", resumed" : ""}`),
    evaluated: (_arm, _seed, iteration, { split, temperature, success_rate, ci95, episodes }) =>
      io.note(
        `eval     ${String(iteration).padStart(4)} │ ${split} T ${temperature} │ success ` +
          `${formatPercent(success_rate)} [${ci95.map(formatPercent).join(", ")}] of ${episodes}`,
      ),
    ended: (arm, seed, { end, iterations }) =>
      io.note(`ended    ${arm.name} seed ${seed}: ${end} after ${iterations} iterations`),
    note: io.note,
  };
}
