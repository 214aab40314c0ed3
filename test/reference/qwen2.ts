/**
 * The Qwen2 decoder in plain f64: slow, obvious, the authority. One sequence at a time, no cache.
 *
 *   x = E[tokens]
 *   per layer   n = rms(x)·w;   q, k, v = n·Wᵀ + b;   q and k turned by position (RoPE)
 *               x += softmax(q·kᵀ / √headDim, keys up to the query)·v · Woᵀ
 *               n = rms(x)·w;   x += (silu(n·Wgᵀ) ⊙ n·Wuᵀ) · Wdᵀ
 *   logits = rms(x)·w · Wheadᵀ          rms(x) = x / √(mean x² + ε),   Whead = E when tied
 *
 * Decisions: RoPE turns dimension d together with d + headDim/2 ("half rotation"), by the angle
 * position / base^(2d / headDim). Query head h uses key head ⌊h · keyHeads / heads⌋. Matrices are
 * (out, in), row by row, under their Hugging Face names.
 */

import type { ModelConfig } from "../../src/model/config.ts";

/** Numbers of every parameter, row by row, by Hugging Face name. */
export type Parameters = ReadonlyMap<string, ArrayLike<number>>;

/** tokens (T) → logits, T rows (V); row t says what follows tokens 0..t. */
export function qwen2Logits(
  config: ModelConfig,
  parameters: Parameters,
  tokens: readonly number[],
): number[][] {
  const { width, layers, tied, epsilon } = config;
  const get = (name: string) => {
    const values = parameters.get(name);
    if (!values) throw new Error(`no parameter ${name}`);
    return values;
  };
  const embedding = get("model.embed_tokens.weight");
  let x = tokens.map((token) => rowOf(embedding, token, width));
  for (let layer = 0; layer < layers; layer++) {
    const of = (name: string) => get(`model.layers.${layer}.${name}`);
    const attended = attention(config, of, norm(x, of("input_layernorm.weight"), epsilon));
    x = add(x, linear(attended, of("self_attn.o_proj.weight")));
    const n = norm(x, of("post_attention_layernorm.weight"), epsilon);
    const gate = linear(n, of("mlp.gate_proj.weight"));
    const up = linear(n, of("mlp.up_proj.weight"));
    const inner = gate.map((row, t) => row.map((g, f) => (g / (1 + Math.exp(-g))) * up[t]![f]!));
    x = add(x, linear(inner, of("mlp.down_proj.weight")));
  }
  const head = tied ? embedding : get("lm_head.weight");
  return linear(norm(x, get("model.norm.weight"), epsilon), head);
}

/** n (T, D) → what every head gathered, (T, heads·headDim). */
function attention(
  { heads, keyHeads, headDim, ropeBase }: ModelConfig,
  of: (name: string) => ArrayLike<number>,
  n: readonly number[][],
): number[][] {
  const project = (letter: string) =>
    linear(n, of(`self_attn.${letter}_proj.weight`), of(`self_attn.${letter}_proj.bias`));
  const [queries, keys, values] = [project("q"), project("k"), project("v")];
  /** The numbers of one head in one row. */
  const slice = (rows: readonly number[][], t: number, head: number) =>
    rows[t]!.slice(head * headDim, (head + 1) * headDim);
  return n.map((_, t) => {
    const out: number[] = [];
    for (let head = 0; head < heads; head++) {
      const shared = Math.floor((head * keyHeads) / heads);
      const query = turn(slice(queries, t, head), t, ropeBase);
      const scores: number[] = [];
      for (let s = 0; s <= t; s++) {
        const key = turn(slice(keys, s, shared), s, ropeBase);
        scores.push(dot(query, key) / Math.sqrt(headDim));
      }
      const weights = softmax(scores);
      for (let d = 0; d < headDim; d++) {
        out.push(weights.reduce((sum, p, s) => sum + p * values[s]![shared * headDim + d]!, 0));
      }
    }
    return out;
  });
}

/** RoPE of one head's numbers at one position. */
function turn(x: readonly number[], position: number, base: number): number[] {
  const half = x.length / 2;
  const out = [...x];
  for (let d = 0; d < half; d++) {
    const angle = position / base ** (d / half);
    const [a, b] = [x[d]!, x[d + half]!];
    out[d] = a * Math.cos(angle) - b * Math.sin(angle);
    out[d + half] = b * Math.cos(angle) + a * Math.sin(angle);
  }
  return out;
}

function norm(x: readonly number[][], weight: ArrayLike<number>, epsilon: number): number[][] {
  return x.map((row) => {
    const rms = Math.sqrt(dot(row, row) / row.length + epsilon);
    return row.map((value, d) => (value / rms) * weight[d]!);
  });
}

/** x (T, in) · w (out, in)ᵀ + bias (out). */
function linear(
  x: readonly number[][],
  w: ArrayLike<number>,
  bias?: ArrayLike<number>,
): number[][] {
  return x.map((row) => {
    const out: number[] = [];
    for (let o = 0; o < w.length / row.length; o++) {
      let sum = bias?.[o] ?? 0;
      for (let i = 0; i < row.length; i++) sum += row[i]! * w[o * row.length + i]!;
      out.push(sum);
    }
    return out;
  });
}

function softmax(scores: readonly number[]): number[] {
  const largest = Math.max(...scores);
  const e = scores.map((score) => Math.exp(score - largest));
  const sum = e.reduce((total, value) => total + value, 0);
  return e.map((value) => value / sum);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function add(a: readonly number[][], b: readonly number[][]): number[][] {
  return a.map((row, t) => row.map((value, d) => value + b[t]![d]!));
}

function rowOf(table: ArrayLike<number>, row: number, width: number): number[] {
  return Array.from({ length: width }, (_, d) => table[row * width + d]!);
}
