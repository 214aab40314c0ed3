/** The shape that all small models have, and their untrained beginning. */
import { mkdirSync } from "node:fs";
import type { ModelConfig } from "../model/config.ts";
import { copyingWeights } from "../model/copying-weights.ts";
import { writeModelDirectory } from "../model/directory.ts";
import { hostTensors } from "../model/tensor-source.ts";
import { readTokenizer } from "../text/read-tokenizer.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

export interface SmallModel {
  readonly config: ModelConfig;
  /** Of the tokenizer.json. */
  readonly tokenizerText: string;
  readonly tokenizer: Tokenizer;
}

/** @param tokenizerText the words that the model knows: a tokenizer.json */
export function smallModel(tokenizerText: string, maxPositions: number): SmallModel {
  const tokenizer = readTokenizer(tokenizerText, "the vocabulary");
  const config = {
    vocabulary: tokenizer.vocabularySize,
    width: 128,
    innerWidth: 352,
    layers: 3,
    heads: 4,
    keyHeads: 2,
    headDim: 32,
    maxPositions,
    epsilon: 1e-6,
    ropeBase: 1e6,
    tied: true,
  };
  return { config, tokenizerText, tokenizer };
}

/** Writes the model with weights that begin as a copying machine. */
export async function writeUntrained(
  directory: string,
  { config, tokenizerText, tokenizer }: SmallModel,
  seed: number,
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const weights = hostTensors(config, copyingWeights(config, seed));
  const tokens = { eos: tokenizer.endOfTurn, pad: tokenizer.pad };
  await writeModelDirectory(directory, { config, tokenizer: tokenizerText }, weights, tokens);
}
