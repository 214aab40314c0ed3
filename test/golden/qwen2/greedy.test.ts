import { describe, expect, test } from "bun:test";
import { type CachedSequence, emptySequence } from "../../../src/model/block-pool.ts";
import { Generator } from "../../../src/model/generate.ts";
import { FORMS, type TestForm, testGpu } from "../../support/device.ts";
import { openTensors } from "../../support/golden-model.ts";
import { GOLDEN, type Golden, goldenWeights } from "./vectors.ts";

type Prompt = Golden["greedy"][number];

/** Tokens that a row draws in one call. */
const DRAWS = 4;

/** The tokens drawn after every prompt, all rows side by side; a prefix is computed once for those that share it. */
async function greedy(golden: Golden, form: TestForm, prompts: readonly Prompt[], tokens: number) {
  const gpu = await testGpu(form);
  using scope = gpu.scope();
  const model = await openTensors(gpu, scope, golden.config, goldenWeights(golden));
  const size = { tokens, rows: 8, draws: DRAWS, blocks: 64 };
  const generator = new Generator(gpu, scope, model, size);
  const options = { temperature: 0, topP: 1, topK: 0 };
  const shared = new Map<string, CachedSequence>();
  for (const { prefix } of prompts) {
    if (prefix.length === 0 || shared.has(prefix.join())) continue;
    const own = emptySequence();
    shared.set(prefix.join(), own);
    await generator.extend([{ pieces: [prefix], own }], options);
  }
  const rows = prompts.map(({ prefix, tokens: prompt }) => {
    const before = shared.get(prefix.join());
    const own = { own: emptySequence(), ...(before ? { prefix: before } : {}) };
    return { own, next: prompt, found: [] as number[] };
  });
  const wanted = prompts[0]!.drawn.length;
  for (let index = 0; index < wanted; index += DRAWS) {
    const count = Math.min(DRAWS, wanted - index);
    const extensions = rows.map(({ own, next }) => ({
      ...{ ...own, pieces: [next], draw: { seed: 0, index, count } },
    }));
    (await generator.extend(extensions, options)).forEach((drawn, i) => {
      const row = rows[i]!;
      row.found.push(...drawn.map(({ token }) => token));
      row.own.own.used += count - 1;
      row.next = row.found.slice(-1);
    });
  }
  return rows.map(({ found }) => found);
}

const writtenOut = ({ prefix, tokens, drawn }: Prompt): Prompt => ({
  prefix: [],
  tokens: [...prefix, ...tokens],
  drawn,
});

describe.each(FORMS)("in its %s the engine writes what transformers writes", (form) => {
  test.each(GOLDEN)("each prompt alone, fed in pieces: %s", async (_, golden) => {
    // Computed on a CPU, the form for GPUs is slow.
    const prompts = form === "own form" ? golden.greedy : golden.greedy.slice(0, 1);
    for (const prompt of prompts) {
      expect(await greedy(golden, form, [writtenOut(prompt)], 4)).toEqual([[...prompt.drawn]]);
    }
  });

  test.each(GOLDEN)("several rows at once, two on one prefix: %s", async (_, golden) => {
    const expected = golden.greedy.map(({ drawn }) => [...drawn]);
    expect(await greedy(golden, form, golden.greedy, 64)).toEqual(expected);
    if (form === "gpu form") return;
    const rows = [...golden.greedy, ...golden.greedy.toReversed().map(writtenOut)];
    expect(await greedy(golden, form, rows, 7)).toEqual([...expected, ...expected.toReversed()]);
  });
});
