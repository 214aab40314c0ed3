/** `empg sft`: a supervised warm start on trajectories, token records or chats. */

import { formatCount } from "../../core/format.ts";
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
  summary: "supervised warm start on trajectories, tokens or chats",
  flags: {
    model: text("M", "a model directory, or builtin:NAME"),
    data: text("FILE", 'JSON Lines: trajectories, {"prompt_tokens", "tokens"} or {"messages"}'),
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
    promptWeight: number(
      "X",
      "weight of prompt and observation tokens, beside 1 for the agent's; absent: 0.3, with a chat template 0",
      { minimum: 0 },
    ),
    progressEvery: count("steps between lines of progress", 1, 10),
  },
  async run({ model: path, device, json, seed = 0, progressEvery, ...args }, io) {
    const modelPath = required("sft: --model M", path);
    const file = required("sft: --data FILE", args.data);
    const out = required("sft: --out DIR", args.out);
    requireNewDirectory("--out", out);
    const { openModel } = await import("../../model/builtin.ts");
    const { openPolicy, openText } = await import("../../train/policy.ts");
    const { readSftGroups, sftBatches } = await import("../../train/sft-data.ts");
    const { openTrainer } = await import("../../train/updater.ts");
    const { saveTrained } = await import("../../train/save-model.ts");
    const { sftStep } = await import("../../train/sft.ts");
    const files = openModel(modelPath);
    const text = openText(modelPath, files);
    const limits = { config: files.config, batchTokens: args.batchTokens };
    const { groups, faults } = await readSftGroups(file, text, limits);
    if (faults > 0) io.note(`${file}: ${faults} episodes ended in a fault: left out`);
    const batches = sftBatches(groups, args, seed);
    const options: SftOptions = {
      learningRate: args.learningRate,
      warmupSteps: args.warmup,
      totalSteps: batches.length,
      beta1: 0.9,
      beta2: 0.98,
      weightDecay: args.weightDecay,
      maxGradNorm: args.maxGradNorm,
      promptWeight: args.promptWeight ?? (text.template === undefined ? 0.3 : 0),
    };
    return withGpu(device, io, async (gpu, scope) => {
      const policy = await openPolicy(gpu, scope, modelPath, files);
      const trainer = await openTrainer(gpu, scope, policy, {
        ...{ capacity: Math.ceil(args.batchTokens / 64) * 64, recompute: false },
      });
      const progress = new Progress(batches.length, progressEvery, io);
      for (const [index, batch] of batches.entries()) {
        progress.add(await sftStep(gpu, trainer, batch, index + 1, options));
        if (progress.skippedInARow < MAX_SKIPPED) continue;
        io.note(`${MAX_SKIPPED} steps in a row were not finite; nothing was written`);
        if (json) io.out(JSON.stringify({ end: "diverged", ...progress.summary() }));
        return EXIT.diverged;
      }
      await saveTrained(gpu, out, policy, trainer.trainable);
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
