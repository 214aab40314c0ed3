/**
 * Makes the untrained model of bench/results/deepsearch: `bun src/build/make-deepsearch-start.ts --out DIR`.
 * The words of Deep Search's compact format, and fresh weights that begin as a copying machine.
 */
import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { tokenizerJson } from "../env/deepsearch/vocabulary.ts";
import { copyingWeights } from "../model/copying-weights.ts";
import { writeModelDirectory } from "../model/directory.ts";
import { hostTensors } from "../model/tensor-source.ts";
import { readTokenizer } from "../text/read-tokenizer.ts";

const { values: flags } = parseArgs({
  options: {
    out: { type: "string", default: "deepsearch-start" },
    seed: { type: "string", default: "1" },
  },
});
const tokenizerText = tokenizerJson();
const tokenizer = readTokenizer(tokenizerText, "the vocabulary");
const config = {
  vocabulary: tokenizer.vocabularySize,
  width: 128,
  innerWidth: 352,
  layers: 3,
  heads: 4,
  keyHeads: 2,
  headDim: 32,
  // Eight turns of one who never answers; bench/results/deepsearch/README.md tells how long demonstrations are.
  maxPositions: 1024,
  epsilon: 1e-6,
  ropeBase: 1e6,
  tied: true,
};
const weights = hostTensors(config, copyingWeights(config, Number(flags.seed)));
mkdirSync(flags.out, { recursive: true });
const tokens = { eos: tokenizer.endOfTurn, pad: tokenizer.pad };
await writeModelDirectory(flags.out, { config, tokenizer: tokenizerText }, weights, tokens);
