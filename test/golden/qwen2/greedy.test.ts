import { describe, expect, test } from "bun:test";
import { Generator } from "../../../src/model/generate.ts";
import { FORMS, type TestForm, testGpu } from "../../support/device.ts";
import { openTensors } from "../../support/golden-model.ts";
import { GOLDEN, type Golden, goldenWeights } from "./vectors.ts";

type Prompt = Golden["greedy"][number];

/** The tokens drawn after every prompt, all rows side by side; a prefix is computed once for those that share it. */
async function greedy(golden: Golden, form: TestForm, prompts: readonly Prompt[], tokens: number) {
  const gpu = await testGpu(form);
  using scope = gpu.scope();
  const model = await openTensors(gpu, scope, golden.config, goldenWeights(golden));
  const generator = new Generator(gpu, scope, model, { tokens, draws: 8, slots: 512 });
  const options = { temperature: 0, topP: 1 };
  const shared = new Map<string, ReturnType<Generator["reserve"]>>();
  for (const { prefix } of prompts) {
    if (prefix.length === 0 || shared.has(prefix.join())) continue;
    const own = generator.reserve(prefix.length);
    shared.set(prefix.join(), own);
    await generator.extend([{ tokens: prefix, own }], options);
  }
  const rows = prompts.map(({ prefix, tokens: prompt, drawn }) => {
    const own = generator.reserve(prompt.length + drawn.length);
    const before = shared.get(prefix.join());
    return { own, ...(before ? { prefix: before } : {}), next: prompt, found: [] as number[] };
  });
  for (let index = 0; index < prompts[0]!.drawn.length; index++) {
    const extensions = rows.map(({ own, prefix, next }) => ({
      ...(prefix ? { own, prefix } : { own }),
      tokens: next,
      draw: { seed: 0, index },
    }));
    (await generator.extend(extensions, options)).forEach(({ token }, i) => {
      rows[i]!.found.push(token);
      rows[i]!.next = [token];
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
