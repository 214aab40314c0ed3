/** `empg score`: what a model says of given tokens. */

import { z } from "zod";
import { UserError } from "../../core/errors.ts";
import { formatCount } from "../../core/format.ts";
import { jsonLine, readJsonLines } from "../../core/jsonl.ts";
import { validate } from "../../core/validate.ts";
import { defineCommand } from "../command.ts";
import { number, text } from "../flags.ts";
import { required } from "../required.ts";
import { withGpu } from "../with-gpu.ts";

const ScoreRecord = z.object({ tokens: z.array(z.int().min(0)).min(1) });

export const command = defineCommand({
  name: "score",
  summary: "log-probabilities and entropies of given tokens, as JSON Lines",
  flags: {
    model: text("M", "a model directory, or builtin:NAME"),
    input: text("FILE", 'JSON Lines of {"tokens": […]}; - is standard input'),
    temperature: number("T", "divides the logits", { minimum: 1e-3, fallback: 1 }),
    batchTokens: number("N", "tokens in one pass; changes no result", {
      type: "integer",
      minimum: 1,
      fallback: 2048,
    }),
  },
  async run({ model: path, input, temperature, batchTokens, device }, io) {
    const modelPath = required("score: --model M", path);
    const file = required("score: --input FILE", input);
    const { openModel } = await import("../../model/builtin.ts");
    const { createModel, withAdapter } = await import("../../model/model.ts");
    const { Scorer } = await import("../../model/scorer.ts");
    const { config, weights, adapter } = openModel(modelPath);
    const sequences = await readSequences(file, config);
    if (sequences.length === 0) {
      io.note(`${file}: holds no lines`);
      return;
    }
    const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
    const total = sequences.reduce((sum, { length }) => sum + length, 0);
    const capacity = Math.max(longest, Math.min(batchTokens, total));
    await withGpu(device, io, async (gpu, scope) => {
      const base = await createModel(gpu, scope, config, weights, longest);
      const model = adapter ? await withAdapter(gpu, scope, base, adapter) : base;
      const scorer = new Scorer(gpu, scope, model, capacity);
      for (const batch of batches(sequences, capacity)) {
        for (const { logProbs, entropies } of await scorer.score(batch, temperature)) {
          io.out(jsonLine({ logprobs: logProbs, entropies }).trimEnd());
        }
      }
    });
    io.note(`scored   ${formatCount(total)} tokens in ${formatCount(sequences.length)} sequences`);
  },
});

/** All of the file is checked before any of it is scored. */
async function readSequences(
  file: string,
  { vocabulary, maxPositions }: { vocabulary: number; maxPositions: number },
): Promise<number[][]> {
  const sequences: number[][] = [];
  for await (const { value, where } of readJsonLines(file)) {
    const { tokens } = validate(ScoreRecord, value, where);
    const unknown = tokens.findIndex((token) => token >= vocabulary);
    if (unknown >= 0) {
      throw new UserError(
        `${where}: tokens[${unknown}]: found ${tokens[unknown]}, allowed: 0 to ${vocabulary - 1}, ` +
          "the model's vocabulary",
      );
    }
    if (tokens.length > maxPositions) {
      throw new UserError(
        `${where}: tokens: found ${tokens.length}, allowed: at most ${maxPositions}, the model's positions`,
      );
    }
    sequences.push(tokens);
  }
  return sequences;
}

/** Neighbouring sequences of at most `capacity` tokens together. */
function batches(sequences: readonly number[][], capacity: number): number[][][] {
  const result: number[][][] = [];
  let room = 0;
  for (const sequence of sequences) {
    if (sequence.length > room) {
      result.push([]);
      room = capacity;
    }
    result.at(-1)!.push(sequence);
    room -= sequence.length;
  }
  return result;
}
