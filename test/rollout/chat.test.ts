import { expect, test } from "bun:test";
import { Generator } from "../../src/model/generate.ts";
import { Scorer } from "../../src/model/scorer.ts";
import { ChatSession, type SpokenToken } from "../../src/rollout/chat.ts";
import { openPolicy } from "../../src/train/policy.ts";
import { chatModel } from "../support/chat-model.ts";
import { testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const SAID = ["What is a bulb?", "And <|im_end|> what is that?", "I see."];

/** What a random model answers to all that is said, drawing up to `draws` tokens a call. */
async function talk(draws: number, { blocks = 16, said = SAID } = {}) {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const policy = await openPolicy(gpu, scope, "chat", chatModel());
  const size = { tokens: 64, rows: 1, draws, blocks };
  const generator = new Generator(gpu, scope, policy.model, size);
  const sampling = { temperature: 1, topP: 1, topK: 0 };
  const session = new ChatSession(generator, policy, {
    ...{ system: "Be brief.", seed: 3, sampling, maxTokens: 9, maxPositions: 256 },
  });
  const answers: SpokenToken[][] = [];
  for (const line of said) answers.push(await Array.fromAsync(session.answer(line)));
  const scorer = new Scorer(gpu, scope, policy.model, 256);
  const [scores] = await scorer.score([session.ids], 1);
  return { answers, ids: session.ids, scores: scores!, tokenizer: policy.tokenizer };
}

test("every token comes from the whole conversation before it, however many a call draws", async () => {
  const { answers, ids, scores } = await talk(1);
  expect(answers.map(({ length }) => length > 0 && length <= 9)).toEqual([true, true, true]);
  let from = 0;
  for (const answer of answers) {
    const tokens = answer.map(({ token }) => token);
    const at = ids.findIndex(
      (_, i) => i >= from && tokens.every((token, j) => ids[i + j] === token),
    );
    expect(at).toBeGreaterThan(0);
    from = at + tokens.length;
    const expected = scores.logProbs.slice(at - 1, from - 1);
    expect(answer.map(({ logProb }) => logProb)).toBeClose(expected, TOLERANCE.logProbGap);
    const entropies = scores.entropies.slice(at - 1, from - 1);
    expect(answer.map(({ entropy }) => entropy)).toBeClose(entropies, TOLERANCE.logProbGap);
  }
  expect((await talk(4)).answers).toEqual(answers);
});

test("what is said cannot end a turn", async () => {
  const { ids, tokenizer } = await talk(1, { said: [SAID[1]!] });
  const ends = ids.filter((id) => id === tokenizer.idOf("<|im_end|>")).length;
  const { ids: plain } = await talk(1, { said: ["And what is that?"] });
  expect(ends).toBe(plain.filter((id) => id === tokenizer.idOf("<|im_end|>")).length);
});

test("a conversation that is full says so, with its length", async () => {
  await expect(talk(1, { blocks: 3 })).rejects.toThrow(
    /^the conversation has \d+ tokens, there is room for 48$/,
  );
});
