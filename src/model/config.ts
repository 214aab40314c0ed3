import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { parseJson } from "../core/json-text.ts";

/** `config.json` of a Qwen2 directory: the fields that say what is computed; others are kept and ignored. */
const Qwen2Json = z.looseObject({
  model_type: z.literal("qwen2"),
  vocab_size: z.int().min(2),
  hidden_size: z.int().min(4),
  intermediate_size: z.int().min(1),
  num_hidden_layers: z.int().min(1),
  num_attention_heads: z.int().min(1),
  num_key_value_heads: z.int().min(1),
  head_dim: z.int().min(4).optional(),
  max_position_embeddings: z.int().min(1),
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().optional(),
  // Where transformers 5 keeps the base; the older key beside it means the same.
  rope_parameters: z
    .looseObject({ rope_theta: z.number().positive(), rope_type: z.literal("default") })
    .optional(),
  // What follows would change the numbers, and is not computed here.
  rope_scaling: z
    .looseObject({
      rope_type: z.literal("default", { error: "only plain rotary embeddings are supported" }),
    })
    .nullable()
    .default(null),
  hidden_act: z.literal("silu").default("silu"),
  use_sliding_window: z
    .literal(false, { error: "sliding-window attention is not supported" })
    .default(false),
  layer_types: z
    .array(z.literal("full_attention", { error: "only full_attention is supported" }))
    .optional(),
  quantization_config: z
    .null({ error: "quantized weights are not supported: take the plain ones" })
    .optional(),
  architectures: z
    .array(z.literal("Qwen2ForCausalLM", { error: "only Qwen2ForCausalLM is supported" }))
    .nullish(),
  tie_word_embeddings: z.boolean().default(false),
});

/** A decoder of the Qwen2 architecture, in numbers. */
export interface ModelConfig {
  /** V: rows of the embedding table. */
  readonly vocabulary: number;
  /** D: width of the residual stream. */
  readonly width: number;
  /** F: width inside the MLP. */
  readonly innerWidth: number;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values, each shared by heads / keyHeads query heads. */
  readonly keyHeads: number;
  readonly headDim: number;
  readonly maxPositions: number;
  readonly epsilon: number;
  readonly ropeBase: number;
  /** The output projection is the embedding table. */
  readonly tied: boolean;
}

/** Columns of the joint projection to queries, keys and values. */
export function qkvWidth({ heads, keyHeads, headDim }: ModelConfig): number {
  return (heads + 2 * keyHeads) * headDim;
}

/**
 * Reads the text of `config.json`.
 * @throws UserError naming `file`, the key, what was found and what is allowed
 */
export function parseModelConfig(text: string, file: string): ModelConfig {
  const json = parseJson(text, file);
  const kind = (json as { model_type?: unknown } | null)?.model_type;
  if (kind !== "qwen2") {
    const found = kind === undefined ? "no model_type" : `model_type ${JSON.stringify(kind)}`;
    throw new UserError(`${file}: ${found}; supported is "qwen2"`);
  }
  const parsed = Qwen2Json.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new UserError(`${file}: ${issue.path.join(".")}: ${issue.message}`);
  }
  const c = parsed.data;
  // Where both stand, transformers takes the newer one.
  const ropeBase = c.rope_parameters?.rope_theta ?? c.rope_theta;
  if (ropeBase === undefined)
    throw new UserError(`${file}: rope_theta: expected number, found nothing`);
  const config: ModelConfig = {
    vocabulary: c.vocab_size,
    width: c.hidden_size,
    innerWidth: c.intermediate_size,
    layers: c.num_hidden_layers,
    heads: c.num_attention_heads,
    keyHeads: c.num_key_value_heads,
    headDim: c.head_dim ?? c.hidden_size / c.num_attention_heads,
    maxPositions: c.max_position_embeddings,
    epsilon: c.rms_norm_eps,
    ropeBase,
    tied: c.tie_word_embeddings,
  };
  requireDivisible(config, file);
  return config;
}

function requireDivisible({ heads, keyHeads, headDim }: ModelConfig, file: string): void {
  if (heads % keyHeads !== 0) {
    throw new UserError(
      `${file}: num_attention_heads ${heads} is no multiple of num_key_value_heads ${keyHeads}`,
    );
  }
  if (headDim % 4 !== 0) {
    throw new UserError(`${file}: a head of ${headDim} numbers; multiples of 4 are supported`);
  }
}

/**
 * The text of `config.json`, as transformers reads it.
 * @param original the text that the model came with: what is not computed here stays as it was
 */
export function writeModelConfig(
  config: ModelConfig,
  tokens: { eos: number; pad: number },
  dtype: "F32" | "F16" | "BF16" = "F32",
  original = "{}",
): string {
  const { dtype: _, ...kept } = JSON.parse(original);
  const json = {
    ...kept,
    architectures: ["Qwen2ForCausalLM"],
    model_type: "qwen2",
    torch_dtype: { F32: "float32", F16: "float16", BF16: "bfloat16" }[dtype],
    vocab_size: config.vocabulary,
    hidden_size: config.width,
    intermediate_size: config.innerWidth,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyHeads,
    head_dim: config.headDim,
    hidden_act: "silu",
    max_position_embeddings: config.maxPositions,
    rms_norm_eps: config.epsilon,
    rope_theta: config.ropeBase,
    tie_word_embeddings: config.tied,
    use_sliding_window: false,
    attention_dropout: 0,
    eos_token_id: tokens.eos,
    pad_token_id: tokens.pad,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
