import { randomFrom, seedFor } from "../src/core/random.ts";
import type { ModelConfig } from "../src/model/config.ts";
import { parameterLayout } from "../src/model/layout.ts";

/** The model of the figures: 0.9 million parameters. */
export const MODEL: ModelConfig = {
  vocabulary: 1024,
  width: 128,
  innerWidth: 352,
  layers: 4,
  heads: 4,
  keyHeads: 2,
  headDim: 32,
  maxPositions: 512,
  epsilon: 1e-6,
  ropeBase: 10_000,
  tied: true,
};

export const PARAMETERS = parameterLayout(MODEL).count;

/** Sequences, and tokens each of them is long in an update. */
export const SEQUENCES = 64;
export const LENGTH = 256;
/** Decoding starts after this many tokens and goes on for this many. */
export const PROMPT = 64;
export const DECODED = 32;

/** Any tokens do: what they are changes no timing. */
export function randomTokens(count: number, name: string): number[] {
  const random = randomFrom(seedFor(0, "bench", name));
  return Array.from({ length: count }, () => Math.floor(random.uniform() * MODEL.vocabulary));
}

/** Multiply-adds of attention for one query that sees `keys` keys, times two, over all layers. */
export function attentionFlops(keys: number): number {
  return MODEL.layers * 4 * keys * MODEL.heads * MODEL.headDim;
}
