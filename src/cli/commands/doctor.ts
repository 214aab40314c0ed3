/** `empg doctor`: what this machine offers, and whether a model fits. */

import { freemem, totalmem } from "node:os";
import { join } from "node:path";
import { formatBytes, formatCount } from "../../core/format.ts";
import { readTextFile } from "../../core/text-file.ts";
import type { ModelConfig } from "../../model/config.ts";
import { defineCommand, type Io } from "../command.ts";
import { text } from "../flags.ts";

export const command = defineCommand({
  name: "doctor",
  summary: "what this machine offers: adapter, features, limits, and whether a model fits",
  flags: { model: text("M", "a model directory, or builtin:NAME: does it fit?") },
  async run({ model: path, device, json }, io) {
    const config = path === undefined ? undefined : await readConfig(path);
    const { chooseAdapter } = await import("../../gpu/adapter.ts");
    const { adapter, backend, software } = await chooseAdapter(device ?? "auto");
    const { vendor, architecture, description } = adapter.info;
    const limits = numbersOf(adapter.limits);
    const buffer = Math.min(limits.maxBufferSize!, limits.maxStorageBufferBindingSize!);
    const memory = {
      largest_buffer_bytes: buffer,
      // Drivers tell WebGPU nothing about a GPU's own memory; a software adapter computes in this.
      host_total_bytes: totalmem(),
      host_free_bytes: freemem(),
    };
    const available = software ? memory.host_free_bytes : undefined;
    const model = config && path ? await fit(path, config, buffer, available) : undefined;
    const report = {
      ok: model?.fits ?? true,
      adapter: { vendor, architecture, description, backend, software },
      features: [...adapter.features].sort(),
      limits,
      memory,
      ...(model ? { model } : {}),
    };
    if (json) io.out(JSON.stringify(report));
    else show(report, io);
  },
});

/** The architecture alone: weights of gigabytes need not be read to be counted. */
async function readConfig(path: string): Promise<ModelConfig> {
  if (path.startsWith("builtin:")) {
    const { openModel } = await import("../../model/builtin.ts");
    return openModel(path).config;
  }
  const { parseModelConfig } = await import("../../model/config.ts");
  const file = join(path, "config.json");
  return parseModelConfig(await readTextFile(file), file);
}

interface Fit {
  readonly path: string;
  readonly parameters: number;
  /** One of the four equal buffers: weights, gradients, two moments. */
  readonly arena_bytes: number;
  readonly training_bytes: number;
  readonly fits: boolean;
}

const ARENAS = 4;

async function fit(
  path: string,
  config: ModelConfig,
  largestBuffer: number,
  available: number | undefined,
): Promise<Fit> {
  const { parameterLayout } = await import("../../model/layout.ts");
  const { count, slabs } = parameterLayout(config);
  const arena = 4 * slabs.reduce((sum, { length }) => sum + length, 0);
  const training = ARENAS * arena;
  const fits = arena <= largestBuffer && training <= (available ?? Number.POSITIVE_INFINITY);
  return { path, parameters: count, arena_bytes: arena, training_bytes: training, fits };
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
  const bytes = formatBytes(model.training_bytes);
  row("model", `${model.path} · ${formatCount(model.parameters)} parameters`);
  row("", `${bytes} to train: ${ARENAS} buffers of ${formatBytes(model.arena_bytes)}`);
  row("", model.fits ? "fits" : "does not fit");
}
