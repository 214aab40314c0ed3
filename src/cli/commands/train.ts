/** `empg train`: the whole of it, from rollouts to a better policy. */

import { noteUngrouped } from "../../algorithm/teaching-groups.ts";
import { UserError } from "../../core/errors.ts";
import { formatDuration, formatPercent } from "../../core/format.ts";
import { tellCaveat } from "../../env/caveats.ts";
import { noteUndivided } from "../../train/scale-note.ts";
import { defineCommand, EXIT, type Io } from "../command.ts";
import { list, operand, text } from "../flags.ts";

export const command = defineCommand({
  name: "train",
  summary: "train a policy; without a configuration, the demo",
  operands: { config: operand.optional("a TOML file; absent: the built-in demo") },
  flags: {
    out: text("DIR", "the run directory; absent: runs/NAME"),
    resume: text("DIR", "continue the run in this directory"),
    set: list("SECTION.KEY=VALUE", "override one key of the configuration"),
  },
  interruptible: true,
  async run({ config: file, out, resume, set, seed, device, json }, io) {
    const { loadConfig, resolveConfig, writeConfig } = await import("../../train/config-file.ts");
    const { RunDirectory } = await import("../../train/run-directory.ts");
    const { basisFor } = await import("../../train/demo.ts");
    const { openWorld } = await import("../../env/worlds.ts");
    const { openModel } = await import("../../model/builtin.ts");
    const { defaultRunPath, train } = await import("../../train/run.ts");
    const { availableBytes, fitMemory } = await import("../../train/memory-plan.ts");
    const { openGpu } = await import("../../gpu/device.ts");
    const { openText, requireSplit } = await import("../../train/policy.ts");
    const { requireKnownWords } = await import("../../train/known-words.ts");
    if (resume && (file || out)) {
      throw new UserError("--resume takes the configuration and the directory of the run it names");
    }
    const overrides = [...set, ...(seed === undefined ? [] : [`run.seed=${seed}`])];
    const basis = basisFor(overrides);
    const resumed = resume ? RunDirectory.open(resume) : undefined;
    const asked = resumed
      ? resolveConfig(resumed.config, `${resume}/config.toml`, overrides)
      : file
        ? await loadConfig(file, overrides)
        : resolveConfig(basis.text, basis.name, overrides);
    const { name, data, option, timeout_ms: timeoutMs } = asked.env;
    const world = await openWorld(name, { data, option, timeoutMs, note: io.note });
    const tasks = requireSplit(world, asked.env.split, "env.split");
    requireSplit(world, asked.eval.split, "eval.split");
    for (const split of new Set([asked.env.split, asked.eval.split])) {
      tellCaveat(world, split, io.note);
    }
    const files = openModel(asked.model.path);
    const { tokenizer } = openText(asked.model.path, files);
    await requireKnownWords(world, tasks, asked.model.path, tokenizer);
    const gpu = await openGpu(device ?? asked.run.device);
    const available = availableBytes(asked, gpu.adapter);
    const { config, notes } = fitMemory(asked, files, gpu.capacity, available);
    const path = resume ?? out ?? defaultRunPath(config);
    const directory = resumed?.directory ?? RunDirectory.create(path, writeConfig(config));
    using _lock = directory.lock();
    if (resumed && overrides.length > 0) directory.configure(writeConfig(config));
    const say = (line: string) => {
      directory.log(line);
      io.note(line);
    };
    const { description } = gpu.adapter.adapter.info;
    const kind = gpu.adapter.software ? "software adapter" : "GPU";
    say(`empg · ${name} · ${config.model.path} · ${methodOf(config)}`);
    say(`device   ${description} (${kind})`);
    for (const note of notes) say(note);
    if (available === undefined)
      say("memory   this device's is unknown: run.memory_gib plans with it");
    try {
      const events = watcher(say, config);
      const { interrupted } = io;
      const result = await train({ gpu, config, files, world, directory, events, interrupted });
      return conclude(result, path, json, io, say);
    } catch (error) {
      directory.discardUnbegun();
      throw error;
    } finally {
      gpu.close();
    }
  },
});

type Config = Awaited<ReturnType<typeof import("../../train/config-file.ts")["loadConfig"]>>;
type Result = Awaited<ReturnType<typeof import("../../train/run.ts")["train"]>>;
type Events = Parameters<typeof import("../../train/run.ts")["train"]>[0]["events"];

function methodOf({ algorithm, modulation }: Config): string {
  return modulation.type === "none" ? algorithm.method : `${algorithm.method}+${modulation.type}`;
}

function watcher(say: (line: string) => void, { train, algorithm, modulation }: Config): Events {
  const width = String(train.iterations).length;
  return {
    begun({ parameters, tasks, iteration }) {
      say(`model    ${(parameters / 1e6).toFixed(2)} M parameters · ${tasks} training tasks`);
      for (const note of [noteUndivided({ algorithm, modulation }), noteUngrouped(algorithm)]) {
        if (note !== undefined) say(`note     ${note}`);
      }
      if (iteration > 0) say(`resumed  after iteration ${iteration}`);
    },
    iteration(row, remainingMs) {
      const at = (key: string) => row[key] as number;
      say(
        `iter ${String(at("iteration")).padStart(width)}/${train.iterations} │ reward ` +
          `${at("reward_mean").toFixed(3)} │ success ${percent(at("success_rate"))} │ H ` +
          `${entropy(at("entropy_mean"))} nats │ ${at("tokens_per_second")} tok/s │ ` +
          `${formatDuration(remainingMs)} left`,
      );
    },
    evaluated(iteration, { split, temperature, success_rate, ci95, episodes }) {
      say(
        `eval ${String(iteration).padStart(width)} │ ${split} T ${temperature} │ success ` +
          `${percent(success_rate)} [${percent(ci95[0])}, ${percent(ci95[1])}] of ${episodes}`,
      );
    },
    note: say,
  };
}

function percent(share: number): string {
  return formatPercent(share).padStart(6);
}

/** An iteration in which no group teaches anything has none. */
function entropy(nats: number): string {
  return Number.isFinite(nats) ? nats.toFixed(2) : "   –";
}

function conclude(
  { end, iterations, first, last }: Result,
  path: string,
  json: boolean,
  io: Io,
  say: (line: string) => void,
) {
  const gained = first && last ? 100 * (last.success_rate - first.success_rate) : undefined;
  if (gained !== undefined) {
    say(
      `gained ${gained.toFixed(1)} points on ${last!.split}: ${percent(first!.success_rate).trim()} → ` +
        `${percent(last!.success_rate).trim()} in ${last!.iteration} iterations · ${path}`,
    );
  }
  if (end === "interrupted") say(`interrupted; continue with: empg train --resume ${path}`);
  if (json) {
    const rates = { first: first ?? null, last: last ?? null, gained_points: gained ?? null };
    io.out(JSON.stringify({ run: path, end, iterations, ...rates }));
  }
  if (end === "diverged") return EXIT.diverged;
  return end === "interrupted" ? EXIT.resumable : EXIT.done;
}
