import { normal } from "../core/draws.ts";
import { invariant } from "../core/errors.ts";
import { type Random, randomFrom, seedFor } from "../core/random.ts";
import type { ModelConfig } from "./config.ts";
import type { HostTensors } from "./tensor-source.ts";
import { initialWeights } from "./weights.ts";

/**
 * Fresh weights that begin as a copying machine. A small model learns to copy words it has rarely seen only
 * after millions of tokens; started as an induction circuit (Olsson et al. 2022) it can from the first step,
 * and training shapes the rest.
 *
 * In layer 0, biases make two heads look one and two tokens back (a head's score is Σ aᵢ·cos(fᵢ·(Δ − δ)), largest
 * at distance δ), and they write the words found there. In later layers, key head 0 matches the words at hand
 * against those, by the slowly turning dimensions that carry content, and copies the word that followed.
 */
export function copyingWeights(config: ModelConfig, seed: number): HostTensors {
  const { width, headDim, heads, keyHeads, vocabulary, ropeBase, layers } = config;
  invariant(heads / keyHeads >= 2, "two query heads share key head 0");
  invariant(headDim <= width && headDim >= 8, "a head's directions fit into the residual stream");
  const values = initialWeights(config, seed);
  const random = randomFrom(seedFor(seed, "copying-weights"));
  const half = headDim / 2;
  const frequency = (i: number) => ropeBase ** (-i / half);
  const slow = Array.from({ length: half }, (_, i) => i).filter((i) => frequency(i) < SLOW);
  const content = [...slow, ...slow.map((i) => i + half)];
  const word = orthonormal(random, headDim, width);
  const earlier = [orthonormal(random, headDim, width), orthonormal(random, headDim, width)];
  const turn = orthonormal(random, content.length, content.length);
  const tensor = (name: string) => {
    const found = values.get(name);
    invariant(found, `no tensor ${name}`);
    return found;
  };
  const attention = (layer: number, name: string) =>
    tensor(`model.layers.${layer}.self_attn.${name}`);

  const embedding = tensor("model.embed_tokens.weight");
  const louder = EMBEDDING_STD / INITIAL_STD;
  for (let i = 0; i < vocabulary * width; i++) embedding[i]! *= louder;

  const key0 = attention(0, "k_proj.weight");
  for (let i = 0; i < headDim * width; i++) key0[i]! *= 0.3;
  const keyBias = attention(0, "k_proj.bias");
  const queryBias = attention(0, "q_proj.bias");
  AMPLITUDES.forEach((amplitude, i) => {
    const root = Math.sqrt(amplitude);
    keyBias[i] = root;
    [1, 2].forEach((distance, head) => {
      queryBias[head * headDim + i] = root * Math.cos(frequency(i) * distance);
      queryBias[head * headDim + half + i] = -root * Math.sin(frequency(i) * distance);
    });
  });
  const value0 = attention(0, "v_proj.weight");
  word.forEach((row, r) => {
    value0.set(row, r * width);
  });
  const gain = EMBEDDING_STD / Math.sqrt(headDim / width);
  const output0 = attention(0, "o_proj.weight");
  earlier.forEach((directions, head) => {
    setOutput(output0, { head, headDim, heads, gain, directions });
  });

  const sharpness = Math.sqrt(MATCH);
  for (let layer = 1; layer < layers; layer++) {
    const queries = attention(layer, "q_proj.weight");
    const keys = attention(layer, "k_proj.weight");
    const copiedValues = attention(layer, "v_proj.weight");
    const output = attention(layer, "o_proj.weight");
    content.forEach((dimension, n) => {
      for (let d = 0; d < width; d++) {
        let previous = 0;
        let beforeThat = 0;
        for (let j = 0; j < content.length; j++) {
          previous += turn[n]![j]! * earlier[0]![j]![d]!;
          beforeThat += turn[n]![j]! * earlier[1]![j]![d]!;
        }
        const query = sharpness * (word[n]![d]! + 0.5 * previous);
        for (const head of [0, 1]) queries[(head * headDim + dimension) * width + d]! += query;
        const key = sharpness * (earlier[0]![n]![d]! + 0.5 * beforeThat);
        keys[dimension * width + d]! += key;
      }
    });
    const copied = orthonormal(random, headDim, width);
    copied.forEach((row, r) => {
      copiedValues.set(row, r * width);
    });
    for (const head of [0, 1]) {
      setOutput(output, { head, headDim, heads, gain: COPY, directions: copied });
    }
  }
  return values;
}

const INITIAL_STD = 0.02;
const EMBEDDING_STD = 0.06;
/** Attention of the layer-0 heads at the four fastest frequencies. */
const AMPLITUDES = [40, 30, 20, 10];
/** Dimensions that turn slower than this, in radians a token, carry content. */
const SLOW = 0.008;
/** How sharply later layers match, and how strongly they write what they found. */
const MATCH = 2.5;
const COPY = 0.6;

/** o_proj (width, heads·headDim): head's columns become gain · directionsᵀ. */
function setOutput(
  output: Float32Array,
  io: { head: number; headDim: number; heads: number; gain: number; directions: Float32Array[] },
): void {
  const { head, headDim, heads, gain, directions } = io;
  directions.forEach((direction, r) => {
    direction.forEach((value, d) => {
      output[d * heads * headDim + head * headDim + r] = gain * value;
    });
  });
}

/** `count` orthonormal rows of `length` numbers, by Gram-Schmidt on normal draws. */
function orthonormal(random: Random, count: number, length: number): Float32Array[] {
  const rows: Float64Array[] = [];
  while (rows.length < count) {
    const row = Float64Array.from({ length }, () => normal(random));
    for (const other of rows) {
      const dot = row.reduce((sum, value, i) => sum + value * other[i]!, 0);
      for (let i = 0; i < length; i++) row[i]! -= dot * other[i]!;
    }
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (norm > 1e-6) rows.push(row.map((value) => value / norm));
  }
  return rows.map((row) => Float32Array.from(row));
}
