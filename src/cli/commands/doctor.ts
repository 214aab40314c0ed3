/** `empg doctor`: what this machine offers, and whether a model fits. */

import { freemem, totalmem } from "node:os";
import { join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { formatBytes, formatCount } from "../../core/format.ts";
import { readTextFile } from "../../core/text-file.ts";
import type { ChosenAdapter } from "../../gpu/adapter.ts";
import type { RunConfig } from "../../train/config.ts";
import type { MemoryPlan } from "../../train/memory-plan.ts";
import type { TrainedModel } from "../../train/play-options.ts";
import { defineCommand, type Io } from "../command.ts";
import { list, operand, text } from "../flags.ts";

export const command = defineCommand({
  name: "doctor",
  summary: "what this machine offers: adapter, features, limits, and whether a model fits",
  operands: { config: operand.optional("a TOML file: would its training fit? Absent: the demo's") },
  flags: {
    model: text("M", "a model directory, or builtin:NAME: does it fit?"),
    set: list("SECTION.KEY=VALUE", "override one key of the configuration"),
  },
  async run({ config: file, model: path, set, device, json }, io) {
    const config = file || path ? await readRun(file, path, set) : undefined;
    const model = config && (await readTrained(config.model.path));
    const { chooseAdapter } = await import("../../gpu/adapter.ts");
    const chosen = await chooseAdapter(device ?? "auto");
    const { adapter, backend, software } = chosen;
    const { vendor, architecture, description } = adapter.info;
    const limits = numbersOf(adapter.limits);
    const buffer = Math.min(limits.maxBufferSize!, limits.maxStorageBufferBindingSize!);
    const memory = {
      largest_buffer_bytes: buffer,
      // Drivers tell WebGPU nothing about a GPU's own memory; a software adapter computes in this.
      host_total_bytes: totalmem(),
      host_free_bytes: freemem(),
    };
    const fitting =
      config && model ? await fit(config.model.path, model, config, chosen) : undefined;
    const report = {
      ok: fitting?.fits ?? true,
      adapter: { vendor, architecture, description, backend, software },
      features: [...adapter.features].sort(),
      limits,
      memory,
      ...(fitting ? { model: fitting } : {}),
    };
    if (json) io.out(JSON.stringify(report));
    else show(report, io);
  },
});

/** The run whose memory is asked about. */
async function readRun(
  file: string | undefined,
  model: string | undefined,
  overrides: readonly string[],
): Promise<RunConfig> {
  const { loadConfig, resolveConfig } = await import("../../train/config-file.ts");
  const { basisFor } = await import("../../train/demo.ts");
  const all = [...overrides, ...(model ? [`model.path=${JSON.stringify(model)}`] : [])];
  if (file) return loadConfig(file, all);
  const { text, name } = basisFor(all);
  return resolveConfig(text, name, all);
}

/** The architecture alone: weights of gigabytes need not be read to be counted. */
async function readTrained(path: string): Promise<TrainedModel> {
  if (path.startsWith("builtin:")) {
    const { openModel } = await import("../../model/builtin.ts");
    return openModel(path);
  }
  const { baseOfAdapter, isAdapterDirectory, readAdapterConfig } = await import(
    "../../model/adapter-directory.ts"
  );
  if (isAdapterDirectory(path)) {
    const { config } = await readTrained(baseOfAdapter(path));
    return { config, adapter: { config: readAdapterConfig(path) } };
  }
  const { parseModelConfig } = await import("../../model/config.ts");
  const file = join(path, "config.json");
  return { config: parseModelConfig(await readTextFile(file), file) };
}

interface Fit {
  readonly path: string;
  readonly parameters: number;
  /** Bytes of a training run by part, as `empg train` would take them. */
  readonly plan: Readonly<Record<string, number>>;
  readonly training_bytes: number;
  /** null: drivers tell WebGPU nothing about a GPU's own memory. */
  readonly available_bytes: number | null;
  readonly fits: boolean;
  /** What the run would change of its configuration to fit, or why it would not begin. */
  readonly notes: readonly string[];
}

async function fit(
  path: string,
  model: TrainedModel,
  config: RunConfig,
  chosen: ChosenAdapter,
): Promise<Fit> {
  const { capacityOf } = await import("../../gpu/device.ts");
  const { parameterLayout } = await import("../../model/layout.ts");
  const { availableBytes, fitMemory, planTraining } = await import("../../train/memory-plan.ts");
  const device = capacityOf(chosen);
  const available = availableBytes(config, chosen);
  const common = { path, parameters: parameterLayout(model.config).count };
  const report = ({ parts, totalBytes }: MemoryPlan) => ({
    ...{ ...common, plan: parts, training_bytes: totalBytes, available_bytes: available ?? null },
  });
  try {
    const { plan, notes } = fitMemory(config, model, device, available);
    return { ...report(plan), fits: true, notes };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const plan = planTraining(config, model, device);
    const notes = [error.message, error.hint ?? ""].filter((line) => line !== "");
    return { ...report(plan), fits: false, notes };
  }
}

/** Limits have their names on a prototype, where JSON does not look. */
function numbersOf(limits: GPUSupportedLimits): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name in limits) {
    const value = limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") found[name] = value;
  }
  return found;
}

interface Report {
  readonly adapter: Record<"vendor" | "architecture" | "description" | "backend", string> & {
    readonly software: boolean;
  };
  readonly features: readonly string[];
  readonly limits: Record<string, number>;
  readonly memory: Record<"largest_buffer_bytes" | "host_total_bytes" | "host_free_bytes", number>;
  readonly model?: Fit;
}

/** What decides speed; the rest is in --json. */
const TELLING = ["shader-f16", "subgroups", "timestamp-query"];

function show({ adapter, features, limits, memory, model }: Report, io: Io): void {
  const row = (name: string, value: string) => io.out(`${name.padEnd(17)}${value}`);
  const kind = adapter.software ? "software adapter on the CPU" : "GPU";
  row("adapter", adapter.description || adapter.architecture || adapter.vendor);
  row("", `${adapter.vendor} ${adapter.architecture} · ${adapter.backend} · ${kind}`);
  for (const name of TELLING) row(name, features.includes(name) ? "yes" : "no");
  row("buffers", `up to ${formatBytes(memory.largest_buffer_bytes)} each`);
  const lanes = limits.maxComputeInvocationsPerWorkgroup ?? 0;
  const shared = formatBytes(limits.maxComputeWorkgroupStorageSize ?? 0);
  row("workgroups", `up to ${lanes} invocations, ${shared} shared`);
  const { host_free_bytes: free, host_total_bytes: total } = memory;
  row("host memory", `${formatBytes(free)} free of ${formatBytes(total)}`);
  if (!model) return;
  row("model", `${model.path} · ${formatCount(model.parameters)} parameters`);
  for (const [part, bytes] of Object.entries(model.plan)) {
    if (bytes > 0) row(`  ${part}`, formatBytes(bytes).padStart(10));
  }
  row("  together", formatBytes(model.training_bytes).padStart(10));
  const available = model.available_bytes;
  row(
    "  available",
    available === null ? "unknown: see run.memory_gib" : formatBytes(available).padStart(10),
  );
  for (const note of model.notes) io.note(note);
  row("", model.fits ? "fits" : "does not fit");
}
