// bun bench/peers/random-model.ts --config FILE --tokenizer FILE[.gz] --out DIR [--seed N] [--dtype bfloat16]
// A model directory of the given shape with random weights: for figures and checks at real sizes without a download.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { UserError } from "../../src/core/errors.ts";
import { randomFrom, seedFor } from "../../src/core/random.ts";
import { parseModelConfig } from "../../src/model/config.ts";
import { writeModelDirectory } from "../../src/model/directory.ts";
import { fileTensors } from "../../src/model/tensor-source.ts";

const { values: flags } = parseArgs({
  options: {
    config: { type: "string" },
    tokenizer: { type: "string" },
    out: { type: "string" },
    seed: { type: "string", default: "0" },
    dtype: { type: "string", default: "bfloat16" },
  },
});
const { config: configFile, tokenizer: tokenizerFile, out } = flags;
if (!configFile || !tokenizerFile || !out) {
  throw new UserError("expected --config FILE --tokenizer FILE --out DIR");
}
const configText = readFileSync(configFile, "utf8");
const config = parseModelConfig(configText, configFile);
const bytes = readFileSync(tokenizerFile);
const tokenizer = (tokenizerFile.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
const dtypes = { float32: "F32", bfloat16: "BF16", float16: "F16" } as const;
const dtype = dtypes[flags.dtype as keyof typeof dtypes];
if (!dtype)
  throw new UserError(`--dtype ${flags.dtype}: allowed: ${Object.keys(dtypes).join(", ")}`);

/** Uniform numbers of a trained model's size: quick to draw, and no two rows alike. */
const source = {
  read(name: string, start: number, end: number) {
    const norm = name.endsWith("norm.weight");
    const spread = norm ? 0.1 : 0.035;
    const random = randomFrom(seedFor(Number(flags.seed), "random-model", name, start));
    return Float32Array.from(
      { length: end - start },
      () => (norm ? 1 : 0) + spread * (2 * random.uniform() - 1),
    );
  },
};
const { eos_token_id: eos, pad_token_id: pad } = JSON.parse(configText);
const tokens = { eos: eos ?? config.vocabulary - 1, pad: pad ?? eos ?? config.vocabulary - 1 };
await writeModelDirectory(
  out,
  { config, configText, tokenizer },
  fileTensors(config, source),
  tokens,
  dtype,
);
console.log(`${out}: ${flags.dtype}, random weights of seed ${flags.seed}`);
