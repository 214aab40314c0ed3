import { invariant } from "../core/errors.ts";
import { randomFrom, seedFor } from "../core/random.ts";
import type { Scope } from "../gpu/memory.ts";
import { type Tensor, view } from "../gpu/tensor.ts";
import type { ModelConfig } from "./config.ts";
import { type Layout, parameterLayout } from "./layout.ts";

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

/** All weights of a model, or all their gradients: named windows into one arena. */
export interface Weights {
  readonly arena: Tensor;
  readonly embedding: Tensor;
  readonly layers: readonly LayerWeights[];
  readonly finalNorm: Tensor;
  /** The output projection (V, D); the embedding itself when tied. */
  readonly head: Tensor;
}

/** Reserves an arena and names its windows. The numbers are zero until written. */
export function allocateWeights(
  scope: Scope,
  label: string,
  config: ModelConfig,
  layout: Layout = parameterLayout(config),
): Weights {
  const arena = scope.f32(label, [layout.length]);
  const get = (name: string) => {
    const parameter = layout.parameters.get(name);
    invariant(parameter, `no parameter ${name}`);
    return view(arena, parameter.start, parameter.shape, `${label}: ${name}`);
  };
  const embedding = get("model.embed_tokens.weight");
  return {
    arena,
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
    head: config.tied ? embedding : get("lm_head.weight"),
  };
}

/** Spread of the initial weights, as Qwen2's own `initializer_range`. */
const INITIAL_STD = 0.02;

/**
 * Fresh numbers for an arena: matrices normal with standard deviation 0.02, the two projections that
 * write to the residual stream divided by √(2·layers) (GPT-2), norms one, biases zero.
 */
export function initialWeights(config: ModelConfig, seed: number): Float32Array {
  const layout = parameterLayout(config);
  const values = new Float32Array(layout.length);
  for (const { name, shape, start } of layout.parameters.values()) {
    const length = shape.reduce((product, size) => product * size, 1);
    if (name.endsWith("norm.weight")) values.fill(1, start, start + length);
    if (shape.length < 2) continue;
    const residual = /o_proj|down_proj/.test(name);
    const std = residual ? INITIAL_STD / Math.sqrt(2 * config.layers) : INITIAL_STD;
    const random = randomFrom(seedFor(seed, "initial-weights", name));
    for (let i = 0; i < length; i++) {
      // Box-Muller; one of the pair is enough.
      const radius = Math.sqrt(-2 * Math.log(1 - random.uniform()));
      values[start + i] = std * radius * Math.cos(2 * Math.PI * random.uniform());
    }
  }
  return values;
}
