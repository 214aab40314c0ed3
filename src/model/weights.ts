import { randomFrom, seedFor } from "../core/random.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { type Arena, blocksOf, parameterOf, type RowBlock } from "./arena.ts";
import type { ModelConfig } from "./config.ts";
import { parameterLayout } from "./layout.ts";
import type { HostTensors } from "./tensor-source.ts";

/** The weights of one decoder layer. */
export interface LayerWeights {
  readonly inputNorm: Tensor;
  readonly qkv: Tensor;
  readonly qkvBias: Tensor;
  readonly output: Tensor;
  readonly attentionNorm: Tensor;
  readonly gateUp: Tensor;
  readonly down: Tensor;
}

/** All weights of a model, or all their gradients: named windows into an arena. */
export interface Weights {
  readonly embedding: readonly RowBlock[];
  readonly layers: readonly LayerWeights[];
  readonly finalNorm: Tensor;
  /** The output projection (V, D); the embedding itself when tied. */
  readonly head: readonly RowBlock[];
}

/** Names the windows of an arena of parameterLayout. */
export function weightsOf(arena: Arena, config: ModelConfig): Weights {
  const get = (name: string) => parameterOf(arena, name);
  const embedding = blocksOf(arena, "model.embed_tokens.weight");
  return {
    embedding,
    layers: Array.from({ length: config.layers }, (_, layer) => {
      const prefix = `model.layers.${layer}`;
      return {
        inputNorm: get(`${prefix}.input_layernorm.weight`),
        qkv: get(`${prefix}.qkv.weight`),
        qkvBias: get(`${prefix}.qkv.bias`),
        output: get(`${prefix}.self_attn.o_proj.weight`),
        attentionNorm: get(`${prefix}.post_attention_layernorm.weight`),
        gateUp: get(`${prefix}.gate_up.weight`),
        down: get(`${prefix}.mlp.down_proj.weight`),
      };
    }),
    finalNorm: get("model.norm.weight"),
    head: config.tied ? embedding : blocksOf(arena, "lm_head.weight"),
  };
}

/** Spread of the initial weights, as Qwen2's own `initializer_range`. */
const INITIAL_STD = 0.02;

/**
 * Fresh numbers for a model: matrices normal with standard deviation 0.02, the two projections that
 * write to the residual stream divided by √(2·layers) (GPT-2), norms one, biases zero.
 */
export function initialWeights(config: ModelConfig, seed: number): HostTensors {
  const tensors = new Map<string, Float32Array<ArrayBuffer>>();
  for (const { name, shape, parts } of parameterLayout(config).parameters.values()) {
    const values = initialValues(name, shape, config.layers, seed);
    const rowLength = values.length / shape[0]!;
    for (const part of parts) {
      const start = part.firstRow * rowLength;
      tensors.set(part.name, values.slice(start, start + part.shape[0]! * rowLength));
    }
  }
  return tensors;
}

function initialValues(name: string, shape: readonly number[], layers: number, seed: number) {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (name.endsWith("norm.weight")) values.fill(1);
  if (shape.length < 2) return values;
  const residual = /o_proj|down_proj/.test(name);
  const std = residual ? INITIAL_STD / Math.sqrt(2 * layers) : INITIAL_STD;
  const random = randomFrom(seedFor(seed, "initial-weights", name));
  for (let i = 0; i < values.length; i++) {
    // Box-Muller; one of the pair is enough.
    const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
    values[i] = std * radius * Math.cos(2 * Math.PI * random.uniform());
  }
  return values;
}
