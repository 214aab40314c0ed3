import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runCli } from "../../support/run-cli.ts";
import { TemporaryDirectory } from "../../support/temporary.ts";
import { TOLERANCE } from "../../support/tolerances.ts";

interface Scores {
  readonly logprobs: readonly number[];
  readonly entropies: readonly number[];
}

const FOLDER = join(import.meta.dir, "directories");
const { options, models } = JSON.parse(readFileSync(join(FOLDER, "expected.json"), "utf8")) as {
  options: Readonly<Record<string, number>>;
  models: Record<string, { scores: Scores; update: Record<string, number>; scores_after: Scores }>;
};
const DEVICE = ["--device", process.env.EMPG_TEST_DEVICE ?? "auto"];
const NAMES = ["float32", "bfloat16", "float16", "sharded"];

async function score(model: string): Promise<Scores> {
  const input = ["--input", join(FOLDER, "scored.jsonl")];
  const temperature = ["--temperature", `${options.temperature}`];
  const { code, out } = await runCli([
    "score",
    ...["--model", model],
    ...input,
    ...temperature,
    ...DEVICE,
  ]);
  expect(code).toBe(0);
  const lines = out.split("\n").map((line) => JSON.parse(line) as Scores);
  return {
    logprobs: lines.flatMap((line) => line.logprobs),
    entropies: lines.flatMap((line) => line.entropies),
  };
}

function expectScores(found: Scores, expected: Scores): void {
  expect(found.logprobs).toBeClose(expected.logprobs, TOLERANCE.golden);
  expect(found.entropies).toBeClose(expected.entropies, TOLERANCE.golden);
}

const SETTINGS = [
  "modulation.type=none",
  `rollout.temperature=${options.temperature}`,
  `algorithm.clip_low=${options.clip_low}`,
  `algorithm.clip_high=${options.clip_high}`,
  `algorithm.kl_coefficient=${options.kl_coefficient}`,
  `optimizer.learning_rate=${options.learning_rate}`,
  "optimizer.schedule=constant",
  "optimizer.warmup_updates=0",
  `optimizer.beta1=${options.beta1}`,
  `optimizer.beta2=${options.beta2}`,
  `optimizer.eps=${options.eps}`,
  `optimizer.weight_decay=${options.weight_decay}`,
  `optimizer.max_grad_norm=${options.max_grad_norm}`,
].flatMap((setting) => ["--set", setting]);

test.each(NAMES)("empg score says what transformers says of its own %s directory", async (name) => {
  expectScores(await score(join(FOLDER, name)), models[name]!.scores);
});

test.each(NAMES)("empg update does what PyTorch does to a %s directory", async (name) => {
  const { update, scores, scores_after } = models[name]!;
  using directory = new TemporaryDirectory();
  const out = join(directory.path, "updated");
  const files = ["--model", join(FOLDER, name), "--out", out];
  const trajectories = ["--trajectories", join(FOLDER, `${name}.trajectories.jsonl`)];
  const args = [...files, ...trajectories, ...SETTINGS, ...DEVICE, "--json"];
  const result = await runCli(["update", ...args]);
  expect(result.code).toBe(0);
  const row = JSON.parse(result.out) as Record<string, number>;
  for (const [key, expected] of Object.entries(update)) {
    const scale = Math.abs(expected) || 1;
    expect(row[key]! / scale, key).toBeClose(expected / scale, TOLERANCE.goldenTraining);
  }
  const after = await score(out);
  expectScores(after, scores_after);
  // The update is large enough for its absence to show.
  expect(() => expectScores(after, scores)).toThrow();
});
