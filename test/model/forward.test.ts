import { beforeAll, describe, expect, test } from "bun:test";
import type { Gpu } from "../../src/gpu/device.ts";
import type { ModelConfig } from "../../src/model/config.ts";
import type { SequenceGroup } from "../../src/model/packing.ts";
import { Scorer } from "../../src/model/scorer.ts";
import { Trainer } from "../../src/model/trainer.ts";
import { tokenEntropy, tokenLogProb } from "../reference/entropy.ts";
import { qwen2Logits } from "../reference/qwen2.ts";
import {
  batchOf,
  decoderConfig,
  decoderModel,
  decoderWeights,
  doubles,
  GROUPS,
  someTokens,
  writtenOut,
} from "../support/decoder.ts";
import { testGpu } from "../support/device.ts";
import { TOLERANCE } from "../support/tolerances.ts";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await testGpu();
});

/** Log-probabilities, then entropies, of every target. */
async function scores(config: ModelConfig, groups: readonly SequenceGroup[], temperature = 1) {
  using scope = gpu.scope();
  const model = await decoderModel(gpu, scope, config);
  const trainer = new Trainer(gpu, scope, model, 256);
  const { packed, targets } = batchOf(groups, temperature);
  trainer.score(packed, targets);
  const found = await gpu.readAll([trainer.head.logProb, trainer.head.entropy]);
  return found.map((values) => Array.from(values.subarray(0, targets.rows.length)));
}

function expectedScores(config: ModelConfig, groups: readonly SequenceGroup[], temperature = 1) {
  const parameters = doubles(decoderWeights(config));
  const rows = batchOf(groups).contexts.map((context) => ({
    row: qwen2Logits(config, parameters, context.slice(0, -1)).at(-1)!,
    token: context.at(-1)!,
  }));
  return [
    rows.map(({ row, token }) => tokenLogProb(row, token, temperature)),
    rows.map(({ row }) => tokenEntropy(row, temperature)),
  ];
}

describe("packed groups match the f64 reference", () => {
  test.each([
    ["4 heads on 2 key heads", {}],
    ["4 heads on 4 key heads", { keyHeads: 4 }],
    ["3 heads on 1 key head", { heads: 3, keyHeads: 1 }],
    ["heads of 16", { headDim: 16 }],
    ["heads of 32", { headDim: 32 }],
    ["a head of its own", { tied: false }],
    ["one layer, odd vocabulary and width", { layers: 1, vocabulary: 67, width: 36 }],
    ["another RoPE base and epsilon", { ropeBase: 1_000_000, epsilon: 1e-2 }],
  ] as const)("%s", async (_, change) => {
    const config = decoderConfig(change);
    const [logProb, entropy] = await scores(config, GROUPS);
    const [expectedLogProb, expectedEntropy] = expectedScores(config, GROUPS);
    expect(logProb!).toBeClose(expectedLogProb!, TOLERANCE.reduction);
    expect(entropy!).toBeClose(expectedEntropy!, TOLERANCE.reduction);
  });

  test("at another temperature", async () => {
    const config = decoderConfig();
    const found = await scores(config, GROUPS, 0.6);
    expect(found.flat()).toBeClose(expectedScores(config, GROUPS, 0.6).flat(), TOLERANCE.reduction);
  });
});

test("the batch beside a group changes no bit of its numbers", async () => {
  const config = decoderConfig();
  const together = await scores(config, GROUPS);
  const reversed = await scores(config, GROUPS.toReversed());
  const apart: number[][][] = [];
  for (const group of GROUPS) apart.push(await scores(config, [group]));
  for (const kind of [0, 1]) {
    expect(together[kind]!).toEqual(apart.flatMap((numbers) => numbers[kind]!));
    const backwards = apart.toReversed().flatMap((numbers) => numbers[kind]!);
    expect(reversed[kind]!).toEqual(backwards);
  }
});

test("a shared prefix gives what the written-out sequences give", async () => {
  const config = decoderConfig();
  const prefix = someTokens(10, 1);
  const members = [someTokens(6, 2), someTokens(9, 3)];
  const shared = await scores(config, [{ prefix, members }]);
  // Written out, the first targets lie in the prefix: those are left out.
  const out = await scores(config, writtenOut([{ prefix, members }]));
  const own = out.map((values) => [
    ...values.slice(prefix.length, prefix.length + 5),
    ...values.slice(2 * prefix.length + 5),
  ]);
  expect(shared.flat()).toBeClose(own.flat(), TOLERANCE.kernel);
});

test("the scorer says what the trainer says", async () => {
  using scope = gpu.scope();
  const config = decoderConfig();
  const model = await decoderModel(gpu, scope, config);
  const scorer = new Scorer(gpu, scope, model, 64);
  const sequences = [someTokens(20, 1), someTokens(1, 2), someTokens(9, 3)];
  const found = await scorer.score(sequences, 0.7);
  const groups = sequences.map((ids) => ({ prefix: [], members: [ids] }));
  const [logProb, entropy] = await scores(config, groups, 0.7);
  expect(found.flatMap(({ logProbs }) => logProbs)).toEqual(logProb!);
  expect(found.flatMap(({ entropies }) => entropies)).toEqual(entropy!);
  expect(found.map(({ logProbs }) => logProbs.length)).toEqual([19, 0, 8]);
});
