import type { Gpu } from "../src/gpu/device.ts";
import type { Scope } from "../src/gpu/memory.ts";
import { blocksFor, emptySequence } from "../src/model/block-pool.ts";
import { Generator } from "../src/model/generate.ts";
import { createModel } from "../src/model/model.ts";
import { Scorer } from "../src/model/scorer.ts";
import { hostSource } from "../src/model/tensor-source.ts";
import { initialWeights } from "../src/model/weights.ts";
import { TOLERANCE } from "../test/support/tolerances.ts";
import type { Prepared, Suite } from "./benchmark.ts";
import {
  attentionFlops,
  DECODED,
  MODEL,
  PARAMETERS,
  PROMPT,
  randomTokens,
  SEQUENCES,
} from "./model-size.ts";

const MEAN_KEYS = PROMPT + DECODED / 2;
const TOKENS = SEQUENCES * DECODED;
const KEY_NUMBERS = 2 * MODEL.keyHeads * MODEL.headDim * MODEL.layers;

/** Sampling one token per sequence and step, prompts already in the cache. */
export const decode: Suite = {
  name: "decode",
  plan: () => [
    {
      name: "decode",
      shape: `${SEQUENCES} rows × ${DECODED} steps`,
      bytes: 4 * (DECODED * PARAMETERS + TOKENS * MEAN_KEYS * KEY_NUMBERS),
      flops: TOKENS * (2 * PARAMETERS + attentionFlops(MEAN_KEYS)),
      prepare,
    },
  ],
};

const SAMPLING = { temperature: 1, topP: 1 };

async function prepare(gpu: Gpu, scope: Scope): Promise<Prepared> {
  const source = hostSource(initialWeights(MODEL, 1));
  const model = await createModel(gpu, scope, MODEL, source, MODEL.maxPositions);
  const blocks = SEQUENCES * blocksFor(PROMPT + DECODED);
  const size = { tokens: 2048, rows: SEQUENCES, draws: 1, blocks };
  const generator = new Generator(gpu, scope, model, size);
  const scorer = new Scorer(gpu, scope, model, 256);
  const prompts = Array.from({ length: SEQUENCES }, (_, i) => randomTokens(PROMPT, `prompt ${i}`));

  /** The sequences, and the log-probability of each decoded token; only the decoding counts as elapsed. */
  async function generate() {
    generator.pool.clear();
    const rows = prompts.map((prompt) => ({
      own: emptySequence(),
      tokens: [...prompt],
      logProbs: [] as number[],
    }));
    const first = rows.map(({ own, tokens }) => ({ own, pieces: [tokens.slice(0, -1)] }));
    await generator.extend(first, SAMPLING);
    await gpu.idle();
    const start = performance.now();
    for (let index = 0; index < DECODED; index++) {
      const extensions = rows.map(({ own, tokens }, seed) => ({
        own,
        pieces: [[tokens.at(-1)!]],
        draw: { seed, index, count: 1 },
      }));
      const drawn = await generator.extend(extensions, SAMPLING);
      drawn.forEach(([draw], i) => {
        const { token, logProb } = draw!;
        rows[i]!.tokens.push(token);
        rows[i]!.logProbs.push(logProb);
      });
    }
    return { rows, elapsedMs: performance.now() - start };
  }

  return {
    /** Decoding token by token says the same as one pass over the finished sequences, in another order of sums. */
    async check() {
      const { rows } = await generate();
      for (const { tokens, logProbs } of [rows[0]!, rows[SEQUENCES - 1]!]) {
        const [scores] = await scorer.score([tokens], SAMPLING.temperature);
        const whole = scores!.logProbs.slice(PROMPT - 1);
        const gap = Math.max(...logProbs.map((logProb, i) => Math.abs(logProb - whole[i]!)));
        if (!(gap <= TOLERANCE.logProbGap))
          return `log-probabilities differ by ${gap} from scoring`;
      }
      return undefined;
    },
    work: { run: async () => (await generate()).elapsedMs, tokens: TOKENS },
  };
}
