/** `empg sft`: a supervised warm start on trajectories. */

import { UserError } from "../../core/errors.ts";
import { formatCount } from "../../core/format.ts";
import { randomFrom, seedFor } from "../../core/random.ts";
import type { ModelConfig } from "../../model/config.ts";
import type { TrainingGroup } from "../../rollout/sequences.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import { TrainSection } from "../../train/sections.ts";
import type { SftOptions, SftStep } from "../../train/sft.ts";
import { defineCommand, EXIT, type Io } from "../command.ts";
import { number, text } from "../flags.ts";
import { required, requireNewDirectory } from "../required.ts";
import { withGpu } from "../with-gpu.ts";

const MAX_SKIPPED = TrainSection.parse({}).max_skipped_updates;

const count = (help: string, minimum: number, fallback: number) =>
  number("N", help, { type: "integer", minimum, fallback });

export const command = defineCommand({
  name: "sft",
  summary: "supervised warm start on trajectories",
  flags: {
    model: text("M", "a model directory, or builtin:NAME"),
    data: text("FILE", "trajectories as JSON Lines, such as `empg rollout --policy expert` writes"),
    out: text("DIR", "the directory of the new model; must be new or empty"),
    epochs: count("passes over the data", 1, 1),
    batchTokens: count("tokens in one optimizer step", 1, 2048),
    learningRate: number("X", "AdamW, at its highest", { exclusiveMinimum: 0, fallback: 1e-3 }),
    warmup: count("steps over which the rate rises from 0", 0, 20),
    weightDecay: number("X", "decoupled weight decay", { minimum: 0, fallback: 0.01 }),
    maxGradNorm: number("X", "longer gradients are scaled down to this global norm", {
      exclusiveMinimum: 0,
      fallback: 1,
    }),
    promptWeight: number("X", "weight of prompt and observation tokens, beside 1 for the agent's", {
      minimum: 0,
      fallback: 0.3,
    }),
    progressEvery: count("steps between lines of progress", 1, 10),
  },
  async run({ model: path, device, json, seed = 0, progressEvery, ...args }, io) {
    const modelPath = required("sft: --model M", path);
    const file = required("sft: --data FILE", args.data);
    const out = required("sft: --out DIR", args.out);
    requireNewDirectory("--out", out);
    const { openModel } = await import("../../model/builtin.ts");
    const { openPolicy } = await import("../../train/policy.ts");
    const { Trainer } = await import("../../model/trainer.ts");
    const { writeModelDirectory } = await import("../../model/directory.ts");
    const { sftStep } = await import("../../train/sft.ts");
    const { config } = openModel(modelPath);
    const groups = await readGroups(file, config, args.batchTokens, io);
    const batches = await batchesOf(groups, args, seed);
    const options: SftOptions = {
      learningRate: args.learningRate,
      warmupSteps: args.warmup,
      totalSteps: batches.length,
      beta1: 0.9,
      beta2: 0.98,
      weightDecay: args.weightDecay,
      maxGradNorm: args.maxGradNorm,
      promptWeight: args.promptWeight,
    };
    return withGpu(device, io, async (gpu, scope) => {
      const { model, files, tokenizer } = openPolicy(gpu, scope, modelPath);
      const trainer = new Trainer(gpu, scope, model, Math.ceil(args.batchTokens / 64) * 64);
      const progress = new Progress(batches.length, progressEvery, io);
      for (const [index, batch] of batches.entries()) {
        progress.add(await sftStep(gpu, trainer, batch, index + 1, options));
        if (progress.skippedInARow < MAX_SKIPPED) continue;
        io.note(`${MAX_SKIPPED} steps in a row were not finite; nothing was written`);
        if (json) io.out(JSON.stringify({ end: "diverged", ...progress.summary() }));
        return EXIT.diverged;
      }
      const values = (await gpu.read(model.weights.arena)) as Float32Array<ArrayBuffer>;
      const tokens = { eos: tokenizer.endOfTurn, pad: tokenizer.pad };
      writeModelDirectory(out, { ...files, values, tokens });
      const summary = progress.summary();
      if (json) io.out(JSON.stringify({ model: out, end: "done", ...summary }));
      else {
        const loss = `loss ${summary.loss_first?.toFixed(3)} → ${summary.loss_last?.toFixed(3)}`;
        io.out(`${summary.steps} steps │ ${loss} │ ${out}`);
      }
      return EXIT.done;
    });
  },
});

/** The sequences of a file; episodes of one group and opening share it, wherever they stand. */
async function readGroups(
  file: string,
  config: ModelConfig,
  batchTokens: number,
  io: Io,
): Promise<TrainingGroup[]> {
  const { readTrajectories } = await import("../../rollout/trajectory.ts");
  const { trainingGroups } = await import("../../rollout/sequences.ts");
  const together = new Map<string, Trajectory[]>();
  let faults = 0;
  for await (const trajectory of readTrajectories(file)) {
    if (trajectory.end === "fault") {
      faults++;
      continue;
    }
    const key = JSON.stringify([trajectory.group, trajectory.steps[0]?.prompt_tokens]);
    const same = together.get(key);
    if (same) same.push(trajectory);
    else together.set(key, [trajectory]);
  }
  if (faults > 0) io.note(`${file}: ${faults} episodes ended in a fault: left out`);
  const trajectories = [...together.values()].flat();
  const groups = trainingGroups(trajectories);
  if (groups.length === 0) throw new UserError(`${file}: holds no episode to learn from`);
  for (const { prefix, members } of groups) {
    for (const { ids, trajectory } of members) {
      const where = `${file}: episode "${trajectories[trajectory]!.episode}"`;
      checkSequence([...prefix, ...ids], where, config, batchTokens);
    }
  }
  return groups;
}

function checkSequence(
  ids: readonly number[],
  where: string,
  { vocabulary, maxPositions }: ModelConfig,
  batchTokens: number,
): void {
  const unknown = ids.find((id) => id >= vocabulary);
  if (unknown !== undefined) {
    throw new UserError(
      `${where}: found token ${unknown}, allowed: 0 to ${vocabulary - 1}, the model's vocabulary`,
      "trajectories hold token ids: collect them with this model's tokenizer",
    );
  }
  if (ids.length > maxPositions) {
    throw new UserError(
      `${where}: found ${ids.length} tokens, allowed: at most ${maxPositions}, the model's positions`,
    );
  }
  if (ids.length > batchTokens) {
    throw new UserError(
      `${where}: found ${ids.length} tokens, but --batch-tokens is ${batchTokens}`,
      `--batch-tokens ${ids.length} holds it`,
    );
  }
}

/** One batch per optimizer step; every epoch has its own order. */
async function batchesOf(
  groups: readonly TrainingGroup[],
  { epochs, batchTokens }: { epochs: number; batchTokens: number },
  seed: number,
): Promise<TrainingGroup[][]> {
  const { microBatches } = await import("../../rollout/sequences.ts");
  return Array.from({ length: epochs }, (_, epoch) =>
    microBatches(randomFrom(seedFor(seed, "sft", epoch)).shuffle(groups), batchTokens),
  ).flat();
}

/** Steps counted, and shown now and then. */
class Progress {
  readonly #total: number;
  readonly #every: number;
  readonly #io: Io;
  readonly #begun = performance.now();
  readonly #losses: number[] = [];
  #steps = 0;
  #tokens = 0;
  #skipped = 0;
  skippedInARow = 0;

  constructor(total: number, every: number, io: Io) {
    this.#total = total;
    this.#every = every;
    this.#io = io;
  }

  /** A step whose gradient is not finite left the weights as they were: the clipping factor is 0. */
  add({ step, tokens, gradNorm, agentLoss }: SftStep): void {
    this.#steps = step;
    this.#tokens += tokens;
    if (Number.isFinite(gradNorm) && Number.isFinite(agentLoss)) {
      this.skippedInARow = 0;
      this.#losses.push(agentLoss);
    } else {
      this.skippedInARow++;
      this.#skipped++;
      this.#io.note(`step ${step}: loss ${agentLoss}, gradient norm ${gradNorm}: skipped`);
    }
    if (step % this.#every !== 0 && step !== this.#total && step !== 1) return;
    const place = String(step).padStart(String(this.#total).length);
    const rate = (1000 * this.#tokens) / (performance.now() - this.#begun);
    this.#io.note(
      `step ${place}/${this.#total} │ loss ${agentLoss.toFixed(3)} │ ` +
        `grad norm ${gradNorm.toFixed(2)} │ ${formatCount(rate)} tok/s`,
    );
  }

  summary() {
    return {
      steps: this.#steps,
      steps_skipped: this.#skipped,
      tokens: this.#tokens,
      /** Mean −ln p of the agent's tokens, nats. */
      loss_first: this.#losses[0] ?? null,
      loss_last: this.#losses.at(-1) ?? null,
    };
  }
}
