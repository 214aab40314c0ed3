import { beforeAll, describe, expect, test } from "bun:test";
import type { Gpu } from "../../src/gpu/device.ts";
import type { Scope } from "../../src/gpu/memory.ts";
import { Tally } from "../../src/gpu/tally.ts";
import { type CachedSequence, emptySequence } from "../../src/model/block-pool.ts";
import { type Drawn, Generator } from "../../src/model/generate.ts";
import {
  allocateGenerator,
  blockBytes,
  type GeneratorSize,
} from "../../src/model/generator-memory.ts";
import type { Model } from "../../src/model/model.ts";
import { Trainer } from "../../src/model/trainer.ts";
import type { SamplingOptions } from "../../src/ops/transformer/sample.ts";
import { probabilities } from "../reference/entropy.ts";
import { qwen2Logits } from "../reference/qwen2.ts";
import {
  batchOf,
  decoderConfig,
  decoderModel,
  decoderWeights,
  doubles,
  someTokens,
} from "../support/decoder.ts";
import { FORMS, testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

const CONFIG = decoderConfig();
const SIZE: GeneratorSize = { tokens: 64, rows: 16, draws: 1, blocks: 32 };
const PLAIN: SamplingOptions = { temperature: 1, topP: 1 };
const LENGTH = 9;

interface Prompt {
  readonly prefix?: readonly number[];
  readonly tokens: readonly number[];
  readonly seed: number;
}

/** Prefixes and lengths on both sides of a block's end. */
const PROMPTS: readonly Prompt[] = [
  { tokens: someTokens(11, 1), seed: 1 },
  { tokens: someTokens(1, 2), seed: 2 },
  { prefix: someTokens(7, 3), tokens: someTokens(3, 4), seed: 3 },
  { prefix: someTokens(7, 3), tokens: someTokens(6, 5), seed: 4 },
  { prefix: someTokens(18, 6), tokens: someTokens(14, 7), seed: 5 },
];

function modelIn(gpu: Gpu, scope: Scope): Promise<Model> {
  return decoderModel(gpu, scope, CONFIG);
}

interface Change {
  readonly sampling?: SamplingOptions;
  readonly size?: GeneratorSize;
  /** What happens to the cache before the prompts come. */
  readonly prepare?: (generator: Generator) => void;
}

/** LENGTH tokens after every prompt, all of them side by side; equal prefixes are computed once. */
async function generate(
  gpu: Gpu,
  prompts: readonly Prompt[],
  { sampling = PLAIN, size = SIZE, prepare = () => {} }: Change = {},
): Promise<Drawn[][]> {
  using scope = gpu.scope();
  const generator = new Generator(gpu, scope, await modelIn(gpu, scope), size);
  prepare(generator);
  const prefixes = new Map<string, CachedSequence>();
  for (const { prefix = [] } of prompts) {
    if (prefix.length === 0 || prefixes.has(prefix.join())) continue;
    const own = emptySequence();
    prefixes.set(prefix.join(), own);
    await generator.extend([{ pieces: [prefix], own }], sampling);
  }
  const rows = prompts.map(({ prefix, tokens, seed }) => {
    const shared = prefixes.get(prefix?.join() ?? "");
    return { next: tokens, own: emptySequence(), seed, ...(shared ? { prefix: shared } : {}) };
  });
  const drawn: Drawn[][] = rows.map(() => []);
  for (let index = 0; index < LENGTH; index += size.draws) {
    const count = Math.min(size.draws, LENGTH - index);
    const extensions = rows.map(({ next, seed, ...rest }) => ({
      ...rest,
      pieces: [next],
      draw: { seed, index, count },
    }));
    (await generator.extend(extensions, sampling)).forEach((draws, i) => {
      drawn[i]!.push(...draws);
      rows[i]!.own.used += draws.length - 1;
      rows[i]!.next = [draws.at(-1)!.token];
    });
  }
  return drawn;
}

const tokensOf = (drawn: readonly Drawn[]) => drawn.map(({ token }) => token);

describe.each(FORMS)("%s: a seed gives the same draws, bit for bit,", (form) => {
  let gpu: Gpu;
  let together: Drawn[][];
  beforeAll(async () => {
    gpu = await testGpu(form);
    together = await generate(gpu, PROMPTS);
  });

  test("again, in another order, and alone", async () => {
    expect(await generate(gpu, PROMPTS)).toEqual(together);
    expect(await generate(gpu, PROMPTS.toReversed())).toEqual(together.toReversed());
    for (const [i, prompt] of PROMPTS.entries()) {
      expect(await generate(gpu, [prompt])).toEqual([together[i]!]);
    }
  });

  test.each([
    ["5 tokens a call", { ...SIZE, tokens: 5 }],
    ["one token a call", { ...SIZE, tokens: 1 }],
    ["one row a call", { ...SIZE, rows: 1 }],
  ])("with prompts cut to %s", async (_, size) => {
    expect(await generate(gpu, PROMPTS, { size })).toEqual(together);
  });

  test.each([2, 4, 9])("%d of them in one call", async (draws) => {
    expect(await generate(gpu, PROMPTS, { size: { ...SIZE, draws } })).toEqual(together);
    const cut = { ...SIZE, draws, tokens: 7, rows: 2 };
    expect(await generate(gpu, PROMPTS, { size: cut })).toEqual(together);
  });

  test("wherever their blocks lie", async () => {
    const scattered = (generator: Generator) => {
      const { pool } = generator;
      const taken = Array.from({ length: 30 }, () => emptySequence());
      for (const sequence of taken) pool.grow(sequence, 1);
      for (const i of [3, 28, 5, 19, 0, 11, 24, 8, 29, 14, 6, 21, 17, 2]) pool.release(taken[i]!);
    };
    expect(await generate(gpu, PROMPTS, { prepare: scattered })).toEqual(together);
  });

  test("whether its prefix is shared or its own", async () => {
    const own = PROMPTS.map(({ prefix = [], tokens, seed }) => ({
      tokens: [...prefix, ...tokens],
      seed,
    }));
    expect(await generate(gpu, own)).toEqual(together);
  });

  test("and another seed others", async () => {
    const others = PROMPTS.map((prompt) => ({ ...prompt, seed: prompt.seed + 100 }));
    expect((await generate(gpu, others)).map(tokensOf)).not.toEqual(together.map(tokensOf));
  });
});

describe.each(FORMS)("%s: a turn that ends among the draws of a call", (form) => {
  const PROMPT = someTokens(13, 8);
  const REPLY = someTokens(4, 9);
  const LONE = someTokens(2, 10);

  /** Two turns of 3 tokens and an answer between them, beside a row that goes on; so many draws a call. */
  async function twoTurns(draws: number, lose = false): Promise<Drawn[][]> {
    const gpu = await testGpu(form);
    using scope = gpu.scope();
    const size = { ...SIZE, draws };
    const generator = new Generator(gpu, scope, await modelIn(gpu, scope), size);
    const own = emptySequence();
    const other = emptySequence();
    const fed: (readonly number[])[] = [];
    const turns: Drawn[][] = [];
    let pending: readonly number[] = PROMPT;
    let beside: readonly number[] = LONE;
    for (const index of [0, 3]) {
      const turn: Drawn[] = [];
      while (turn.length < 3) {
        const pieces = own.used === 0 ? [...fed, pending] : [pending];
        const mine = { seed: 7, index: index + turn.length, count: draws };
        const [drawn, aside] = await generator.extend(
          [
            { pieces, own, draw: mine },
            { pieces: [beside], own: other, draw: { seed: 8, index: 0, count: 1 } },
          ],
          PLAIN,
        );
        beside = [aside![0]!.token];
        fed.push(pending);
        const taken = drawn!.slice(0, 3 - turn.length);
        turn.push(...taken);
        own.used += taken.length - 1;
        fed.push(...taken.slice(0, -1).map(({ token }) => [token]));
        pending = [taken.at(-1)!.token];
        if (lose) generator.pool.release(own);
      }
      turns.push(turn);
      pending = [...pending, ...REPLY];
    }
    return turns;
  }

  test("leaves no trace of what was drawn after it", async () => {
    const one = await twoTurns(1);
    for (const draws of [2, 3, 8]) expect(await twoTurns(draws)).toEqual(one);
  });

  test("is the same for a sequence that loses its blocks and is fed again", async () => {
    const one = await twoTurns(1);
    for (const draws of [1, 2, 8]) expect(await twoTurns(draws, true)).toEqual(one);
  });
});

describe("numbers", () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await testGpu();
  });

  test.each([1, 0.7])("equal the trainer's at temperature %d", async (temperature) => {
    const drawn = await generate(gpu, PROMPTS, { sampling: { temperature, topP: 1 } });
    using scope = gpu.scope();
    const trainer = new Trainer(gpu, scope, await modelIn(gpu, scope), 256);
    const groups = PROMPTS.map(({ prefix = [], tokens }, i) => ({
      prefix: [...prefix, ...tokens].slice(0, -1),
      members: [[tokens.at(-1)!, ...tokensOf(drawn[i]!)]],
    }));
    const { packed, targets } = batchOf(groups, temperature);
    trainer.score(packed, targets);
    const count = PROMPTS.length * LENGTH;
    const [logProb, entropy] = await gpu.readAll([trainer.head.logProb, trainer.head.entropy]);
    const flat = drawn.flat();
    expect(flat.map((d) => d.logProb)).toBeClose(logProb!.subarray(0, count), TOLERANCE.logProbGap);
    expect(flat.map((d) => d.entropy)).toBeClose(entropy!.subarray(0, count), TOLERANCE.logProbGap);
  });

  const parameters = doubles(decoderWeights(CONFIG));

  /** The reference's logits before each drawn token. */
  const logitsBefore = ({ prefix = [], tokens }: Prompt, drawn: readonly Drawn[]) =>
    qwen2Logits(CONFIG, parameters, [...prefix, ...tokens, ...tokensOf(drawn)]).slice(
      prefix.length + tokens.length - 1,
      -1,
    );

  test.each([1, 4])("greedy takes the reference's most likely token, %d a call", async (draws) => {
    const change = { sampling: { temperature: 0, topP: 1 }, size: { ...SIZE, draws } };
    const drawn = await generate(gpu, PROMPTS, change);
    PROMPTS.forEach((prompt, i) => {
      const best = logitsBefore(prompt, drawn[i]!).map((row) => row.indexOf(Math.max(...row)));
      expect(tokensOf(drawn[i]!)).toEqual(best);
    });
  });

  /** Of each token drawn: what the likelier ones are together, and how many. */
  const likelier = (prompt: Prompt, drawn: readonly Drawn[]) =>
    logitsBefore(prompt, drawn).map((row, j) => {
      const p = probabilities(row);
      const above = p.filter((value) => value > p[drawn[j]!.token]!);
      return { mass: above.reduce((sum, value) => sum + value, 0), count: above.length };
    });

  test("top_p draws no token before which the likelier ones already have that mass", async () => {
    const topP = 0.4;
    const drawn = await generate(gpu, PROMPTS, { sampling: { temperature: 1, topP } });
    const plain = await generate(gpu, PROMPTS);
    const found = PROMPTS.flatMap((prompt, i) => likelier(prompt, drawn[i]!));
    for (const { mass } of found) expect(mass).toBeLessThan(topP);
    // Without top_p such tokens are drawn: the bound above can fail.
    const free = PROMPTS.flatMap((prompt, i) => likelier(prompt, plain[i]!));
    expect(free.some(({ mass }) => mass >= topP)).toBe(true);
  });

  test("top_k draws none but the k likeliest", async () => {
    const topK = 2;
    const drawn = await generate(gpu, PROMPTS, { sampling: { temperature: 1, topP: 1, topK } });
    const plain = await generate(gpu, PROMPTS);
    const found = PROMPTS.flatMap((prompt, i) => likelier(prompt, drawn[i]!));
    expect(Math.max(...found.map(({ count }) => count))).toBe(topK - 1);
    const free = PROMPTS.flatMap((prompt, i) => likelier(prompt, plain[i]!));
    expect(free.some(({ count }) => count >= topK)).toBe(true);
  });
});

describe("memory", () => {
  test("is all allocated before the first token, and bind groups are made once", async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const size = { ...SIZE, draws: 4 };
    const generator = new Generator(gpu, scope, await modelIn(gpu, scope), size);
    const rows = PROMPTS.map(({ tokens, seed }) => ({ tokens, seed, own: emptySequence() }));
    const bytes = gpu.memory.bytes;
    const call = async (index: number, count: number) => {
      const extensions = rows.map(({ tokens, seed, own }) => ({
        ...{ own, pieces: [tokens], draw: { seed, index, count } },
      }));
      const drawn = await generator.extend(extensions, PLAIN);
      drawn.forEach((draws, i) => {
        rows[i]!.own.used += draws.length - 1;
        rows[i]!.tokens = [draws.at(-1)!.token];
      });
    };
    await call(0, 4);
    await call(4, 4);
    const made = gpu.bindGroupsMade;
    for (let index = 8; index < 40; index += 4) await call(index, 4);
    // A row fewer, and other numbers of draws.
    generator.pool.release(rows.pop()!.own);
    for (const count of [1, 3, 2]) await call(40, count);
    expect(gpu.bindGroupsMade).toBe(made);
    expect(gpu.memory.bytes).toBe(bytes);
    // The counters count.
    using other = gpu.scope();
    const another = new Generator(gpu, other, await modelIn(gpu, other), size);
    const draw = { seed: 1, index: 0, count: 1 };
    await another.extend([{ pieces: [[1]], own: emptySequence(), draw }], PLAIN);
    expect(gpu.bindGroupsMade).toBeGreaterThan(made);
    expect(gpu.memory.bytes).toBeGreaterThan(bytes);
  });

  test("can be planned without a device", async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const model = await modelIn(gpu, scope);
    const before = gpu.memory.bytes;
    new Generator(gpu, scope, model, SIZE);
    const tally = new Tally();
    allocateGenerator(tally.scope(), model, SIZE);
    expect(tally.total).toBe(gpu.memory.bytes - before);
    const caches = [...tally.byLabel].filter(([label]) => label.startsWith("key-value cache"));
    const bytes = caches.reduce((sum, [, size]) => sum + size, 0);
    // One block more than sequences can have.
    expect(bytes).toBe((SIZE.blocks + 1) * blockBytes(CONFIG));
  });

  test("that is full says what is lacking", async () => {
    const gpu = await testGpu();
    using scope = gpu.scope();
    const size = { tokens: 64, rows: 1, draws: 1, blocks: 3 };
    const generator = new Generator(gpu, scope, await modelIn(gpu, scope), size);
    const extend = (own: CachedSequence, length: number) =>
      generator.extend([{ pieces: [someTokens(length, 1)], own }], PLAIN);
    const first = emptySequence();
    await extend(first, 30);
    expect(extend(emptySequence(), 17)).rejects.toThrow(
      "has 3 blocks; 2 are taken and 2 more are needed",
    );
    generator.pool.release(first);
    await extend(emptySequence(), 48);
  });
});
