/**
 * What a run takes on a device, before anything is taken: the very functions that allocate are run with a scope
 * that only counts, so that the plan cannot part from the run.
 */
import { UserError } from "../core/errors.ts";
import { formatBytes, formatCount } from "../core/format.ts";
import type { ChosenAdapter } from "../gpu/adapter.ts";
import type { DeviceCapacity } from "../gpu/device.ts";
import { usableBytes } from "../gpu/device-memory.ts";
import { Tally } from "../gpu/tally.ts";
import { allocateGenerator } from "../model/generator-memory.ts";
import { allocateAdapter } from "../model/lora.ts";
import { allocateModel, layoutLimits } from "../model/model.ts";
import { allocateTrainer } from "../model/trainer.ts";
import type { RunConfig } from "./config.ts";
import { loraOf, playOptions, type TrainedModel } from "./play-options.ts";
import { generatorSize } from "./policy.ts";
import { allocateUpdate } from "./policy-update.ts";
import { trainerSize } from "./updater.ts";

/** The parts that people ask about, in the order they are shown. */
export const MEMORY_PARTS = [
  "weights",
  "adapter",
  "reference",
  "gradients",
  "optimizer",
  "activations",
  "head",
  "generation",
  "cache",
] as const;
export type MemoryPart = (typeof MEMORY_PARTS)[number];

export interface MemoryPlan {
  /** Bytes; a part that a run does not have is 0. */
  readonly parts: Readonly<Record<MemoryPart, number>>;
  readonly totalBytes: number;
  /** The largest single tensor, and whether a buffer of the device holds it. */
  readonly largest: { readonly label: string; readonly bytes: number; readonly fits: boolean };
}

/** Whether there are rollouts too, or updates alone from stored trajectories. */
export type Work = "train" | "update";

/** What work with a configuration takes. */
export function planTraining(
  config: RunConfig,
  trained: TrainedModel,
  device: DeviceCapacity,
  work: Work = "train",
): MemoryPlan {
  const parts = Object.fromEntries(MEMORY_PARTS.map((part) => [part, 0])) as Record<
    MemoryPart,
    number
  >;
  const largest = { label: "", bytes: 0 };
  const count = <T>(part: (label: string) => MemoryPart, allocate: (tally: Tally) => T): T => {
    const tally = new Tally();
    const result = allocate(tally);
    for (const [label, bytes] of tally.byLabel) parts[part(label)] += bytes;
    if (tally.largest.bytes > largest.bytes) Object.assign(largest, tally.largest);
    return result;
  };
  const model = trained.config;
  const limits = layoutLimits(device, model);
  const allocated = (tally: Tally) =>
    allocateModel(tally.scope(), limits, model, model.maxPositions);
  const base = count(() => "weights", allocated);
  const lora = loraOf(config, trained);
  const adapter =
    lora &&
    count(
      () => "adapter",
      (tally) => allocateAdapter(tally.scope(), limits, model, lora),
    );
  const policy = adapter ? { ...base, adapter } : base;
  if (config.algorithm.kl_coefficient > 0 && !adapter) count(() => "reference", allocated);
  const size = trainerSize(config);
  count(trainingPart, (tally) => allocateTrainer(tally.scope(), policy, size));
  count(
    () => "head",
    (tally) => allocateUpdate(tally.scope(), size.capacity, size.valueHead),
  );
  if (work === "train") {
    const generator = generatorSize(model, playOptions(config), device);
    count(
      (label) => (label.startsWith("key-value cache") ? "cache" : "generation"),
      (tally) => allocateGenerator(tally.scope(), policy, generator),
    );
  }
  const totalBytes = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
  return { parts, totalBytes, largest: { ...largest, fits: largest.bytes <= device.largestBytes } };
}

/** Of the trainer's tensors, by their labels. */
function trainingPart(label: string): MemoryPart {
  if (label.startsWith("weights")) return "weights";
  if (label.startsWith("gradients")) return "gradients";
  if (/moments|gradient norm|squared sums/.test(label)) return "optimizer";
  return /^(target|log-|logits|entropies|loss weights)/.test(label) ? "head" : "activations";
}

/** What the device may hold; undefined: nobody knows. */
export function availableBytes({ run }: RunConfig, adapter: ChosenAdapter): number | undefined {
  return run.memory_gib === undefined ? usableBytes(adapter) : run.memory_gib * 2 ** 30;
}

/** A configuration that fits, and what had to be changed for it. */
export interface Fitted {
  readonly config: RunConfig;
  readonly plan: MemoryPlan;
  readonly notes: readonly string[];
}

/** Below this a micro-batch costs more in calls than it saves. */
const SMALLEST_MICRO_BATCH = 256;
const FEWEST_ROWS = 8;

/**
 * Changes what changes no result but time (activations computed again), then what bounds a context (smaller
 * micro-batches), then the rows that play together, until the plan fits.
 * @param availableBytes undefined: nobody knows, and nothing is changed
 * @throws UserError saying what is needed, part by part, and what would fit
 */
export function fitMemory(
  config: RunConfig,
  model: TrainedModel,
  device: DeviceCapacity,
  availableBytes: number | undefined,
  work: Work = "train",
): Fitted {
  const notes: string[] = [];
  let fitted = config;
  let plan = planTraining(fitted, model, device, work);
  const tooMuch = () => availableBytes !== undefined && plan.totalBytes > availableBytes;
  const change = (section: "train" | "rollout", changes: object, note: string) => {
    fitted = { ...fitted, [section]: { ...fitted[section], ...changes } };
    plan = planTraining(fitted, model, device, work);
    notes.push(
      `memory   ${note}: ${formatBytes(plan.totalBytes)} of ${formatBytes(availableBytes!)}`,
    );
  };
  if (tooMuch() && !fitted.train.recompute_activations) {
    change("train", { recompute_activations: true }, "activations are computed again");
  }
  while (tooMuch() && fitted.train.micro_batch_tokens > SMALLEST_MICRO_BATCH) {
    const { micro_batch_tokens } = fitted.train;
    const tokens = Math.max(Math.floor(micro_batch_tokens / 2), SMALLEST_MICRO_BATCH);
    change(
      "train",
      { micro_batch_tokens: tokens },
      `micro-batches of ${formatCount(tokens)} tokens`,
    );
  }
  while (work === "train" && tooMuch() && playOptions(fitted).rows > FEWEST_ROWS) {
    const rows = Math.max(Math.floor(playOptions(fitted).rows / 2), FEWEST_ROWS);
    change("rollout", { rows }, `${rows} episodes side by side`);
  }
  if (tooMuch())
    throw new UserError(...tooLarge(plan, availableBytes!, loraOf(config, model) !== undefined));
  if (!plan.largest.fits) {
    const { label, bytes } = plan.largest;
    throw new UserError(
      `"${label}" needs ${formatBytes(bytes)}; one buffer of this adapter holds ${formatBytes(device.largestBytes)}`,
      "lower train.micro_batch_tokens or rollout.rows, or take an adapter with larger buffers",
    );
  }
  return { config: fitted, plan, notes };
}

function tooLarge(plan: MemoryPlan, available: number, adapted: boolean): [string, string] {
  const list = MEMORY_PARTS.filter((part) => plan.parts[part] > 0)
    .map((part) => `${part} ${formatBytes(plan.parts[part])}`)
    .join(", ");
  const problem = `training needs ${formatBytes(plan.totalBytes)}, there are ${formatBytes(available)}: ${list}`;
  const hint = adapted
    ? "take a smaller model or a machine with more memory"
    : "an adapter needs far less: --set model.lora.rank=16; or take a smaller model";
  return [problem, hint];
}
