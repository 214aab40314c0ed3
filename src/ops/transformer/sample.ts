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
  params: { rows: "u32", cols: "u32", temperature: "f32", top_p: "f32" },
  ...rowForms(source, "rows", [random]),
});

/**
 * Samples one token per row of logits (rows, V), with its log-probability and the entropy of the
 * distribution (nats), both of softmax(logits / temperature) before truncation by `topP`.
 * seeds (rows, 2): an episode's seed and the number of the token in it. Temperature 0 is greedy.
 */
export function sample(
  pass: Pass,
  io: { logits: Tensor; seeds: Tensor; token: Tensor; logProb: Tensor; entropy: Tensor },
  options: { rows: number; cols: number; temperature: number; topP: number },
): void {
  const { logits, seeds, token, logProb, entropy } = io;
  const { rows, cols, temperature, topP } = options;
  const buffers = { logits, seeds, token, log_prob: logProb, entropy };
  pass.run(sampleKernel, buffers, { rows, cols, temperature, top_p: topP });
}
