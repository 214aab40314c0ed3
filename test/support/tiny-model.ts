/** The smallest model there can be, for tests of files. */

import type { ModelConfig } from "../../src/model/config.ts";
import {
  type ModelFiles,
  type ModelTexts,
  type TokenIds,
  writeModelDirectory,
} from "../../src/model/directory.ts";
import { parameterPlans } from "../../src/model/layout.ts";
import { type HostTensors, hostTensors } from "../../src/model/tensor-source.ts";
import { initialWeights } from "../../src/model/weights.ts";

const TOKENIZER = `${JSON.stringify({
  version: "1.0",
  added_tokens: [{ id: 0, content: "<pad>", special: true }],
  model: { type: "WordLevel", vocab: { "<pad>": 0, "<unk>": 1, "\n": 2 }, unk_token: "<unk>" },
})}\n`;

export function tinyConfig(change: Partial<ModelConfig> = {}): ModelConfig {
  return {
    ...{ vocabulary: 3, width: 12, innerWidth: 5, layers: 2, heads: 2, keyHeads: 1, headDim: 4 },
    ...{ maxPositions: 16, epsilon: 1e-6, ropeBase: 10_000, tied: true },
    ...change,
  };
}

export interface TinyModel extends ModelTexts {
  readonly tensors: HostTensors;
}

/** Every number of the weights differs from its neighbours, biases and norms too. */
export function tinyModel(change: Partial<ModelConfig> = {}): TinyModel {
  const config = tinyConfig(change);
  const tensors = initialWeights(config, 7);
  let i = 0;
  for (const values of tensors.values()) {
    values.forEach((value, at) => {
      values[at] = value + ++i * 1e-4;
    });
  }
  return { config, tensors, tokenizer: TOKENIZER };
}

export const TOKENS: TokenIds = { eos: 2, pad: 0 };

export function writeTiny(path: string, { tensors, ...texts }: TinyModel) {
  return writeModelDirectory(path, texts, hostTensors(texts.config, tensors), TOKENS);
}

/** All numbers of a model's files. */
export function readAll({ config, weights }: ModelFiles): HostTensors {
  const named = parameterPlans(config).flatMap(({ parts, shape }) =>
    parts.map(({ name, rows }) => ({ name, length: rows * (shape[1] ?? 1) })),
  );
  return new Map(named.map(({ name, length }) => [name, weights.read(name, 0, length)]));
}
