import { beforeAll, describe, expect, test } from "bun:test";
import type { Gpu } from "../../src/gpu/device.ts";
import type { Scope } from "../../src/gpu/memory.ts";
import { type Drawn, Generator, type SamplingOptions } from "../../src/model/generate.ts";
import type { Model } from "../../src/model/model.ts";
import { Trainer } from "../../src/model/trainer.ts";
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
import { testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await testGpu();
});

const CONFIG = decoderConfig();
const WEIGHTS = decoderWeights(CONFIG);
const SIZE = { tokens: 64, draws: 16, slots: 512 };
const PLAIN: SamplingOptions = { temperature: 1, topP: 1 };
const LENGTH = 9;

interface Prompt {
  readonly prefix?: readonly number[];
  readonly tokens: readonly number[];
  readonly seed: number;
}

const PROMPTS: readonly Prompt[] = [
  { tokens: someTokens(11, 1), seed: 1 },
  { tokens: someTokens(1, 2), seed: 2 },
  { prefix: someTokens(7, 3), tokens: someTokens(3, 4), seed: 3 },
  { prefix: someTokens(7, 3), tokens: someTokens(6, 5), seed: 4 },
];

function modelIn(scope: Scope): Promise<Model> {
  return decoderModel(gpu, scope, CONFIG);
}

/** LENGTH tokens after every prompt, all of them side by side; equal prefixes are computed once. */
async function generate(
  prompts: readonly Prompt[],
  options = PLAIN,
  size = SIZE,
): Promise<Drawn[][]> {
  using scope = gpu.scope();
  const generator = new Generator(gpu, scope, await modelIn(scope), size);
  const prefixes = new Map<string, ReturnType<Generator["reserve"]>>();
  for (const { prefix = [] } of prompts) {
    if (prefix.length === 0 || prefixes.has(prefix.join())) continue;
    const own = generator.reserve(prefix.length);
    prefixes.set(prefix.join(), own);
    await generator.extend([{ tokens: prefix, own }], options);
  }
  const runs = prompts.map(({ prefix, tokens, seed }) => {
    const shared = prefixes.get(prefix?.join() ?? "");
    const own = generator.reserve(tokens.length + LENGTH);
    return { next: tokens, own, seed, ...(shared ? { prefix: shared } : {}) };
  });
  const drawn: Drawn[][] = runs.map(() => []);
  for (let index = 0; index < LENGTH; index++) {
    const extensions = runs.map(({ next, seed, ...rest }) => ({
      ...rest,
      tokens: next,
      draw: { seed, index },
    }));
    (await generator.extend(extensions, options)).forEach((token, i) => {
      drawn[i]!.push(token);
      runs[i]!.next = [token.token];
    });
  }
  return drawn;
}

const tokensOf = (drawn: readonly Drawn[]) => drawn.map(({ token }) => token);

test.each([1, 0.7])("numbers equal the trainer's at temperature %d", async (temperature) => {
  const drawn = await generate(PROMPTS, { temperature, topP: 1 });
  using scope = gpu.scope();
  const trainer = new Trainer(gpu, scope, await modelIn(scope), 256);
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

describe("a seed gives the same tokens", () => {
  let together: Drawn[][];
  beforeAll(async () => {
    together = await generate(PROMPTS);
  });

  test("alone, in another order, and again", async () => {
    expect(await generate(PROMPTS)).toEqual(together);
    expect(await generate(PROMPTS.toReversed())).toEqual(together.toReversed());
    for (const [i, prompt] of PROMPTS.entries()) {
      expect(tokensOf((await generate([prompt]))[0]!)).toEqual(tokensOf(together[i]!));
    }
  });

  test.each([
    ["5 tokens a call", { ...SIZE, tokens: 5 }],
    ["one token a call", { ...SIZE, tokens: 1 }],
    ["one draw a call", { ...SIZE, draws: 1 }],
  ])("with prompts cut to %s", async (_, size) => {
    const cut = await generate(PROMPTS, PLAIN, size);
    expect(cut.map(tokensOf)).toEqual(together.map(tokensOf));
    expect(cut.flat().map((d) => d.logProb)).toBeClose(
      together.flat().map((d) => d.logProb),
      TOLERANCE.kernel,
    );
  });

  test("whether its prefix is shared or its own", async () => {
    const own = PROMPTS.map(({ prefix = [], tokens, seed }) => ({
      tokens: [...prefix, ...tokens],
      seed,
    }));
    expect((await generate(own)).map(tokensOf)).toEqual(together.map(tokensOf));
  });

  test("and another seed others", async () => {
    const other = await generate(PROMPTS.map((prompt) => ({ ...prompt, seed: prompt.seed + 100 })));
    expect(other.map(tokensOf)).not.toEqual(together.map(tokensOf));
  });
});

describe("against the reference", () => {
  const parameters = doubles(WEIGHTS);

  /** The reference's logits before each drawn token. */
  const logitsBefore = ({ prefix = [], tokens }: Prompt, drawn: readonly Drawn[]) =>
    qwen2Logits(CONFIG, parameters, [...prefix, ...tokens, ...tokensOf(drawn)]).slice(
      prefix.length + tokens.length - 1,
      -1,
    );

  test("greedy takes the most likely token", async () => {
    const drawn = await generate(PROMPTS, { temperature: 0, topP: 1 });
    PROMPTS.forEach((prompt, i) => {
      const best = logitsBefore(prompt, drawn[i]!).map((row) => row.indexOf(Math.max(...row)));
      expect(tokensOf(drawn[i]!)).toEqual(best);
    });
  });

  test("top_p draws no token before which the likelier ones already have that mass", async () => {
    const topP = 0.4;
    const drawn = await generate(PROMPTS, { temperature: 1, topP });
    let outside = 0;
    const plain = await generate(PROMPTS);
    PROMPTS.forEach((prompt, i) => {
      const likelier = (run: readonly Drawn[]) =>
        logitsBefore(prompt, run).map((row, j) => {
          const p = probabilities(row);
          return p.reduce((sum, value) => sum + (value > p[run[j]!.token]! ? value : 0), 0);
        });
      for (const mass of likelier(drawn[i]!)) expect(mass).toBeLessThan(topP);
      outside += likelier(plain[i]!).filter((mass) => mass >= topP).length;
    });
    // Without top_p such tokens are drawn: the bound above can fail.
    expect(outside).toBeGreaterThan(0);
  });
});

test("a cache that is full says how much is needed", async () => {
  using scope = gpu.scope();
  const generator = new Generator(gpu, scope, await modelIn(scope), {
    tokens: 8,
    draws: 1,
    slots: 20,
  });
  generator.reserve(15);
  expect(() => generator.reserve(6)).toThrow("holds 20 tokens; 21 are needed");
  generator.clear();
  expect(generator.reserve(20)).toEqual({ start: 0, capacity: 20, used: 0 });
});
