/** The golden vectors as generate.py writes them, and the models they are of. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { integers, weights, words } from "./hashed.ts";

/** Base64 of little-endian float32. */
type Packed = string;

interface GoldenStep {
  readonly context: "append" | "fresh";
  readonly prompt_tokens: readonly number[];
  readonly tokens: readonly number[];
  readonly logprobs: readonly number[];
  /** Each token's weight in the loss; 0 masks it. */
  readonly weights: readonly number[];
  readonly advantage: number;
}

/** Losses of an update, and the gradient of every tensor that is trained, before any step. */
export interface GoldenUpdate {
  readonly policy_loss: number;
  readonly kl_loss: number;
  readonly clip_fraction: number;
  readonly grad_norm: number;
  readonly gradients: Readonly<
    Record<string, { readonly norm: number; readonly sums: Packed; readonly elements: Packed }>
  >;
}

/** An adapter on the policy, and the update that trains it; its reference policy is the model without it. */
interface GoldenAdapter {
  readonly rank: number;
  readonly alpha: number;
  readonly rank_stabilised: boolean;
  readonly targets: readonly string[];
  /** Shapes by PEFT's name without its prefix. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  /** Of all sampled tokens, trajectory after trajectory. */
  readonly logprobs: Packed;
  readonly update: GoldenUpdate;
}

export interface Golden {
  readonly name: string;
  readonly config: { readonly vocab_size: number; readonly max_position_embeddings: number };
  /** Shapes by Hugging Face name. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly temperature: number;
  /** How far the reference policy's weights stand from the policy's. */
  readonly moved: number;
  readonly scores: {
    readonly sequences: readonly (readonly number[])[];
    readonly logprobs: Packed;
    readonly entropies: Packed;
  };
  /** Of the token after `context`, at temperature 1. */
  readonly logits: { readonly context: readonly number[]; readonly values: Packed };
  readonly greedy: readonly {
    readonly prefix: readonly number[];
    readonly tokens: readonly number[];
    readonly drawn: readonly number[];
  }[];
  readonly trajectories: readonly { readonly group: string; readonly steps: GoldenStep[] }[];
  readonly surrogate: {
    readonly clip_low: number;
    readonly clip_high: number;
    readonly kl_coefficient: number;
  };
  readonly update: GoldenUpdate;
  readonly optimizer: {
    readonly learning_rate: number;
    readonly schedule: "linear";
    readonly warmup_updates: number;
    readonly final_fraction: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly eps: number;
    readonly weight_decay: number;
    readonly max_grad_norm: number;
  };
  /** One number for each update. */
  readonly training: {
    readonly policy_loss: readonly number[];
    readonly kl_loss: readonly number[];
    readonly grad_norms: readonly number[];
  };
  /** Of some shapes. */
  readonly lora?: GoldenAdapter;
}

const NAMES = [
  "width-20",
  "width-36",
  "width-44",
  "width-56",
  "width-60",
  "width-96",
  "width-100",
] as const;

/** Rows for test.each: the name, which its title shows, and the vectors. */
export const GOLDEN: readonly (readonly [string, Golden])[] = NAMES.map((name) => {
  const text = readFileSync(join(import.meta.dir, "vectors", `${name}.json`), "utf8");
  return [name, { name, ...JSON.parse(text) }] as const;
});

export function unpacked(numbers: Packed): Float32Array {
  const bytes = Buffer.from(numbers, "base64");
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

/** The policy's weights by Hugging Face name, or with `moved` those of the reference policy. */
export function goldenWeights({ name, parameters }: Golden, moved = 0) {
  return hashed(name, parameters, moved);
}

/** The adapter's matrices by PEFT's name without its prefix. */
export function goldenAdapter({ name, lora }: Golden) {
  if (!lora) throw new Error(`${name} has no adapter`);
  return hashed(name, lora.parameters, 0);
}

function hashed(seed: string, shapes: Golden["parameters"], moved: number) {
  return Object.entries(shapes).map(([name, shape]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return { name, shape, values: weights(seed, name, count, moved) };
  });
}

/** The eight rows of random signs that a gradient's sums are taken with. */
export function signs(name: string, count: number): Float64Array[] {
  const drawn = words(`sketch/${name}`, count);
  return Array.from({ length: 8 }, (_, bit) =>
    Float64Array.from(drawn, (word) => 1 - 2 * ((word >>> bit) & 1)),
  );
}

/** A gradient in little, as generate.py takes it: eight sums with random signs, and some elements. */
export function sketch(name: string, gradient: ArrayLike<number>) {
  const count = gradient.length;
  const sums = signs(name, count).map((row) =>
    row.reduce((sum, sign, i) => sum + sign * gradient[i]!, 0),
  );
  const all = Array.from({ length: count }, (_, i) => i);
  const at = count <= 128 ? all : integers(`elements/${name}`, 64, count);
  return { sums, elements: at.map((i) => gradient[i]!) };
}
