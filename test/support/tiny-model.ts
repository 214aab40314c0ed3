/** The smallest model there can be, for tests of files. */

import type { ModelConfig } from "../../src/model/config.ts";
import type { ModelFiles, TokenIds } from "../../src/model/directory.ts";
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

/** Every number of the weights differs from its neighbours, biases and norms too. */
export function tinyModel(
  change: Partial<ModelConfig> = {},
): ModelFiles & { readonly tokens: TokenIds } {
  const config = tinyConfig(change);
  const initial = initialWeights(config, 7);
  const values = Float32Array.from(initial, (value, i) => (value === 0 ? 0 : value + i * 1e-4));
  return { config, values, tokenizer: TOKENIZER, tokens: { eos: 2, pad: 0 } };
}
