import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseModelConfig } from "../../../src/model/config.ts";
import { readModelDirectory } from "../../../src/model/directory.ts";
import { openSafetensors } from "../../../src/model/safetensors.ts";
import { trainingGroups } from "../../../src/rollout/sequences.ts";
import { tokenLogProb } from "../../reference/entropy.ts";
import { withAdapter } from "../../reference/lora.ts";
import { numericalGradient } from "../../reference/numerical-gradient.ts";
import { type Parameters, qwen2Logits } from "../../reference/qwen2.ts";
import { doubles } from "../../support/decoder.ts";
import { readAll } from "../../support/tiny-model.ts";
import { TOLERANCE } from "../../support/tolerances.ts";
import { trajectoriesOf } from "./trajectories.ts";
import {
  GOLDEN,
  type Golden,
  type GoldenUpdate,
  goldenAdapter,
  goldenWeights,
  signs,
  unpacked,
} from "./vectors.ts";

const mapOf = (tensors: readonly { name: string; values: ArrayLike<number> }[]): Parameters =>
  new Map(tensors.map(({ name, values }) => [name, values]));

/** ln π of every sampled token, trajectory after trajectory. */
function logProbsOf(golden: Golden, parameters: Parameters): number[] {
  const config = parseModelConfig(JSON.stringify(golden.config), golden.name);
  return trainingGroups(trajectoriesOf(golden)).flatMap(({ prefix, members }) =>
    members.flatMap(({ ids, steps }) => {
      const all = [...prefix, ...ids];
      const logits = qwen2Logits(config, parameters, all);
      return all.flatMap((token, at) => {
        const sampled = at >= prefix.length && steps[at - prefix.length]! >= 0;
        return sampled ? [tokenLogProb(logits[at - 1]!, token, golden.temperature)] : [];
      });
    }),
  );
}

/** The two parts of the loss that the vectors' header tells of. */
function lossesOf(golden: Golden, logProbs: readonly number[], reference: readonly number[]) {
  const { clip_low, clip_high, kl_coefficient } = golden.surrogate;
  const tokens = golden.trajectories.flatMap(({ steps }) =>
    steps.flatMap(({ logprobs, weights, advantage }) =>
      logprobs.map((old, i) => ({ old, weight: weights[i]!, advantage })),
    ),
  );
  expect(logProbs.length).toBe(tokens.length);
  let [policy, kl] = [0, 0];
  tokens.forEach(({ old, weight, advantage }, i) => {
    const ratio = Math.exp(logProbs[i]! - old);
    const clipped = Math.min(Math.max(ratio, 1 - clip_low), 1 + clip_high);
    policy -= weight * Math.min(ratio * advantage, clipped * advantage);
    const d = reference[i]! - logProbs[i]!;
    kl += kl_coefficient * weight * (Math.exp(d) - d - 1);
  });
  return { policy, kl };
}

/** Losses, and the slope of each tensor's gradient along its first sum, are those of the vectors. */
function expectUpdate(
  golden: Golden,
  update: GoldenUpdate,
  trained: Parameters,
  reference: readonly number[],
  merged: (trained: Parameters) => Parameters,
): void {
  const losses = (point: Parameters) =>
    lossesOf(golden, logProbsOf(golden, merged(point)), reference);
  const { policy, kl } = losses(trained);
  expect(policy).toBeClose(update.policy_loss, TOLERANCE.golden);
  expect(kl).toBeClose(update.kl_loss, TOLERANCE.golden);
  expect([...trained.keys()].sort()).toEqual(Object.keys(update.gradients).sort());
  for (const [name, { norm, sums }] of Object.entries(update.gradients)) {
    const values = trained.get(name)!;
    const [direction] = signs(name, values.length);
    const along = ([distance = 0]: readonly number[]) => {
      const moved = Float64Array.from(values, (value, i) => value + distance * direction![i]!);
      const at = losses(new Map(trained).set(name, moved));
      return at.policy + at.kl;
    };
    // A short way, on which no ratio crosses a bound of the clip.
    const [slope] = numericalGradient(along, [0], 1e-7);
    expect(Math.abs(slope! - unpacked(sums)[0]!) / norm, name).toBeLessThan(
      TOLERANCE.goldenTraining,
    );
  }
}

test("the f64 reference agrees with PEFT on a directory that PEFT wrote", () => {
  const folder = join(import.meta.dir, "directories");
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const files = readModelDirectory(join(folder, "float32"));
  const { config } = files;
  const { r, lora_alpha, use_rslora } = JSON.parse(read("adapter/adapter_config.json"));
  using file = openSafetensors(join(folder, "adapter/adapter_model.safetensors"));
  const adapter = [...file.tensors.keys()].map((name) => ({
    name: name.replace("base_model.model.", ""),
    values: file.read(name),
  }));
  const scale = { rank: r, alpha: lora_alpha, rankStabilised: use_rslora };
  const merged = withAdapter(doubles(readAll(files)), mapOf(adapter), scale);
  const { options, models } = JSON.parse(read("expected.json"));
  const sequences = read("scored.jsonl").trim().split("\n");
  const found = sequences.flatMap((line) => {
    const ids: number[] = JSON.parse(line).tokens;
    const logits = qwen2Logits(config, merged, ids);
    return ids.slice(1).map((token, t) => tokenLogProb(logits[t]!, token, options.temperature));
  });
  expect(found).toBeClose(models.adapter.scores.logprobs, TOLERANCE.golden);
});

const chosen = (...names: string[]) => GOLDEN.filter(([name]) => names.includes(name));

describe("the f64 reference agrees", () => {
  test.each(chosen("width-20", "width-36"))(
    "with transformers on the slope of every parameter: %s",
    (_, golden) => {
      const reference = logProbsOf(golden, mapOf(goldenWeights(golden, golden.moved)));
      const weights = mapOf(goldenWeights(golden));
      expectUpdate(golden, golden.update, weights, reference, (moved) => moved);
    },
  );

  test.each(chosen("width-20", "width-36", "width-56"))(
    "with PEFT on the slope of every adapter: %s",
    (_, golden) => {
      const { rank, alpha, rank_stabilised: rankStabilised, logprobs, update } = golden.lora!;
      const base = mapOf(goldenWeights(golden));
      const adapter = mapOf(goldenAdapter(golden));
      const merged = (point: Parameters) =>
        withAdapter(base, point, { rank, alpha, rankStabilised });
      const found = logProbsOf(golden, merged(adapter));
      expect(found).toBeClose(unpacked(logprobs), TOLERANCE.golden);
      expectUpdate(golden, update, adapter, logProbsOf(golden, base), merged);
    },
  );
});
