/**
 * Makes the untrained model of bench/results/webshop: `bun src/build/make-webshop-start.ts --out DIR`.
 * The words of WebShop's compact format, and fresh weights that begin as a copying machine.
 */
import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { generatedShop } from "../env/webshop/generated-shop.ts";
import { tokenizerJson } from "../env/webshop/vocabulary.ts";
import { copyingWeights } from "../model/copying-weights.ts";
import { writeModelDirectory } from "../model/directory.ts";
import { hostTensors } from "../model/tensor-source.ts";
import { readTokenizer } from "../text/read-tokenizer.ts";

const { values: flags } = parseArgs({
  options: {
    out: { type: "string", default: "webshop-start" },
    seed: { type: "string", default: "1" },
  },
});
const tokenizerText = tokenizerJson(generatedShop());
const tokenizer = readTokenizer(tokenizerText, "the vocabulary");
const config = {
  vocabulary: tokenizer.vocabularySize,
  width: 128,
  innerWidth: 352,
  layers: 3,
  heads: 4,
  keyHeads: 2,
  headDim: 32,
  // Fifteen turns of one who searches in each of them.
  maxPositions: 2048,
  epsilon: 1e-6,
  ropeBase: 1e6,
  tied: true,
};
const weights = hostTensors(config, copyingWeights(config, Number(flags.seed)));
mkdirSync(flags.out, { recursive: true });
const tokens = { eos: tokenizer.endOfTurn, pad: tokenizer.pad };
await writeModelDirectory(flags.out, { config, tokenizer: tokenizerText }, weights, tokens);
