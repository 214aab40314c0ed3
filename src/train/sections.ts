/** `[run] [model] [optimizer] [train] [eval] [report]`: the sections that training itself reads. */

import { z } from "zod";
import { USUAL_DEFAULTS } from "../env/usual.ts";
import { LORA_TARGETS } from "../model/lora.ts";
import { CollapseConfig } from "./collapse-config.ts";

export const RunSection = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .default("default")
    .describe("the run is kept in runs/NAME; letters, digits, dot, dash and underscore"),
  seed: z.int().min(0).max(0xffff_ffff).default(0).describe("every random draw follows from it"),
  device: z
    .string()
    .min(1)
    .default("auto")
    .describe("auto, gpu, software, or a part of an adapter's name"),
  memory_gib: z
    .number()
    .gt(0)
    .optional()
    .describe(
      "what the device may hold; absent: a software adapter has the machine's memory, a GPU's nobody knows",
    ),
});

const LoraTable = z.strictObject({
  rank: z
    .int()
    .min(1)
    .max(4096)
    .default(16)
    .describe("width of the two factors (arXiv 2106.09685)"),
  alpha: z
    .number()
    .gt(0)
    .default(32)
    .describe("the product is scaled by alpha / rank (PEFT's usual 2 x rank)"),
  rank_stabilised: z
    .boolean()
    .default(false)
    .describe("scale by alpha / sqrt(rank) instead (arXiv 2312.03732)"),
  targets: z
    .array(z.enum(LORA_TARGETS))
    .min(1)
    .refine(
      (targets) => new Set(targets).size === targets.length,
      "model.lora.targets: a target stands twice",
    )
    .default([...LORA_TARGETS])
    .describe("which matrices get an adapter (QLoRA, arXiv 2305.14314: all linear layers)"),
});

export const ModelSection = z.strictObject({
  path: z
    .string()
    .min(1)
    .default(USUAL_DEFAULTS.model)
    .describe(
      "a Hugging Face model directory, or builtin:NAME (absent: the world's own, where it has one)",
    ),
  lora: LoraTable.optional().describe(
    "train low-rank adapters; without this table all weights are trained",
  ),
});

export const OptimizerSection = z.strictObject({
  learning_rate: z
    .number()
    .gt(0)
    .default(2e-4)
    .describe("AdamW, at its highest (pilot with the built-in model: 2e-4; published 7B: 1e-6)"),
  schedule: z
    .enum(["constant", "linear", "cosine"])
    .default("linear")
    .describe("how the rate falls after the warm-up (pilot: linear)"),
  warmup_updates: z
    .int()
    .min(0)
    .default(2)
    .describe("updates over which the rate rises from 0 (pilot: 2)"),
  final_fraction: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe("the last update's share of the highest rate (pilot: 0.1)"),
  beta1: z.number().min(0).lt(1).default(0.9).describe("decay of the mean gradient (pilot: 0.9)"),
  beta2: z.number().min(0).lt(1).default(0.98).describe("decay of its square (pilot: 0.98)"),
  eps: z.number().gt(0).default(1e-8).describe("added to the root (arXiv 1412.6980: 1e-8)"),
  weight_decay: z
    .number()
    .min(0)
    .default(0)
    .describe("decoupled, arXiv 1711.05101 (pilot: 0; verl: 0.01)"),
  max_grad_norm: z
    .number()
    .gt(0)
    .default(1)
    .describe("longer gradients are scaled down to this global norm (verl: 1)"),
});

export const TrainSection = z.strictObject({
  iterations: z.int().min(1).default(35).describe("rollouts, then their updates, this often"),
  token_budget: z
    .int()
    .min(1)
    .optional()
    .describe("ends the run after the iteration in which so many tokens are generated in rollouts"),
  epochs: z.int().min(1).default(1).describe("passes over an iteration's trajectories (pilot: 1)"),
  minibatches: z.int().min(1).default(4).describe("updates per epoch (pilot: 4)"),
  micro_batch_tokens: z
    .int()
    .min(1)
    .default(4096)
    .describe("tokens in one forward and backward; bounds memory, changes no result"),
  recompute_activations: z
    .boolean()
    .default(false)
    .describe("keep each layer's input alone: a third more work, a fraction of the memory"),
  checkpoint_every: z
    .int()
    .min(0)
    .default(10)
    .describe("iterations between checkpoints; 0: only the last one"),
  keep_checkpoints: z
    .int()
    .min(1)
    .default(2)
    .describe(
      "so many of the newest stay; with rollback also those that a run may still go back to",
    ),
  on_collapse: z
    .enum(["warn", "stop", "rollback"])
    .default("warn")
    .describe(
      "what a signal of [train.collapse] brings: a warning, exit code 3, or the last good checkpoint with a lower rate",
    ),
  max_skipped_updates: z
    .int()
    .min(1)
    .default(3)
    .describe(
      "so many updates in a row with a NaN or infinity end the run with exit code 3, under warn too; rollback goes back",
    ),
  collapse: CollapseConfig.prefault({}).describe("when a policy counts as collapsing"),
});

export const EvalSection = z.strictObject({
  every: z
    .int()
    .min(0)
    .default(10)
    .describe("iterations between evaluations; one before the first and after the last always"),
  every_tokens: z
    .int()
    .min(0)
    .default(0)
    .describe(
      "generated tokens between evaluations, in place of `every`; 0: iterations count. Methods that redraw generate " +
        "more per iteration, and are measured as often under one budget",
    ),
  episodes: z.int().min(1).default(200).describe("episodes per evaluation"),
  temperature: z
    .number()
    .min(0)
    .default(1)
    .describe("0 takes the likeliest token (published runs: 0.4)"),
  split: z
    .string()
    .min(1)
    .default(USUAL_DEFAULTS.measured)
    .describe("held-out tasks (absent: test in textcraft, heldout in others)"),
  beside: z
    .boolean()
    .default(true)
    .describe(
      "at the start and the end also T = 0.4 and training tasks, half as many episodes of each",
    ),
});

export const ReportSection = z.strictObject({
  rollouts_every: z
    .int()
    .min(0)
    .default(10)
    .describe("iterations between saved trajectories; 0: never"),
  tensorboard: z.boolean().default(true).describe("also write the scalars for TensorBoard"),
});
