import random from "../../../shaders/lib/random.wgsl" with { type: "text" };
import source from "../../../shaders/transformer/sample.wgsl" with { type: "text" };
import { defineKernel } from "../../gpu/kernel.ts";
import type { Pass } from "../../gpu/pass.ts";
import { rowForms } from "../../gpu/row-kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";

export const sampleKernel = defineKernel({
  name: "sample",
  buffers: {
    logits: "read",
    seeds: "read",
    token: "write",
    log_prob: "write",
    entropy: "write",
  },
  params: { rows: "u32", cols: "u32", temperature: "f32", top_p: "f32", top_k: "u32" },
  ...rowForms(source, "rows", [random]),
});

/** What tokens are drawn from. */
export interface SamplingOptions {
  /** Divides the logits; 0: always the most likely token. */
  readonly temperature: number;
  /** The smallest set of most likely tokens with this mass; 1: all. */
  readonly topP: number;
  /** So many most likely tokens, before `topP` counts their mass; 0 or absent: all. */
  readonly topK?: number;
}

/**
 * Samples one token per row of logits (rows, V), with its log-probability and the entropy of the
 * distribution (nats), both of softmax(logits / temperature) before truncation by `topK` and `topP`.
 * seeds (rows, 2): an episode's seed and the number of the token in it. Temperature 0 is greedy.
 */
export function sample(
  pass: Pass,
  io: { logits: Tensor; seeds: Tensor; token: Tensor; logProb: Tensor; entropy: Tensor },
  { rows, cols, temperature, topP, topK = 0 }: { rows: number; cols: number } & SamplingOptions,
): void {
  const { logits, seeds, token, logProb, entropy } = io;
  const buffers = { logits, seeds, token, log_prob: logProb, entropy };
  pass.run(sampleKernel, buffers, { rows, cols, temperature, top_p: topP, top_k: topK });
}
