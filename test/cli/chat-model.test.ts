/** A model directory with a byte-level tokenizer and a chat template, through the commands that act with it. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { writeModelDirectory } from "../../src/model/directory.ts";
import { hostTensors } from "../../src/model/tensor-source.ts";
import { readTrajectories } from "../../src/rollout/trajectory.ts";
import { decoderConfig, decoderWeights } from "../support/decoder.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";
import { chatSource, chatText, SMALL_TOKENIZER, tokenizerConfig } from "../text/chat.ts";

const device = process.env.EMPG_TEST_DEVICE ?? "auto";
const { tokenizer } = chatText("chatml");

async function chatModel(directory: TemporaryDirectory): Promise<string> {
  const path = `${directory.path}/model`;
  const config = decoderConfig({ vocabulary: 705, maxPositions: 2048 });
  const texts = {
    config,
    tokenizer: SMALL_TOKENIZER,
    tokenizerConfig: tokenizerConfig(),
    chatTemplate: chatSource("chatml"),
  };
  const tensors = hostTensors(config, decoderWeights(config));
  const tokens = { eos: tokenizer.endOfTurn, pad: tokenizer.pad };
  await writeModelDirectory(path, texts, tensors, tokens);
  return path;
}

const WORLD = ["--env", "textcraft", "--option", "format=text", "--option", "distractors=0"];

test("rollout plays in turns of the template, with as much history as asked for", async () => {
  using directory = new TemporaryDirectory();
  const model = await chatModel(directory);
  const play = async (name: string, tokens: number, more: readonly string[] = []) => {
    const out = directory.file(name);
    const args = ["--model", model, "--device", device, "--episodes", "2", "--group-size", "2"];
    const short = ["--max-turns", "2", "--max-tokens-per-turn", `${tokens}`, "--out", out];
    const { code, notes } = await runCli(["rollout", ...args, ...WORLD, ...short, ...more]);
    expect([code, notes.includes("error")]).toEqual([0, false]);
    return await Array.fromAsync(readTrajectories(out));
  };
  const [full] = await play("full.jsonl", 4);
  expect(full!.steps.map(({ context }) => context)).toEqual(["append", "append"]);
  expect(tokenizer.decode(full!.steps[0]!.prompt_tokens)).toMatch(
    /^<\|im_start\|>system\nYou are playing a crafting game.*<\|im_start\|>assistant\n$/s,
  );
  const [fresh] = await play("fresh.jsonl", 4, ["--history", "1"]);
  expect(fresh!.steps.map(({ context }) => context)).toEqual(["fresh", "fresh"]);
  expect(tokenizer.decode(fresh!.steps[1]!.prompt_tokens)).toContain("Turns taken: 1. The last 1:");
  // Every turn ends at its first token that has an e.
  const [stopped] = await play("stopped.jsonl", 200, ["--stop", "e"]);
  const responses = stopped!.steps.map(({ tokens }) => tokens.map((id) => tokenizer.decode([id])));
  for (const tokens of responses) {
    const first = tokens.findIndex((text) => text.includes("e") || text === "<|im_end|>");
    expect(first).toBe(tokens.length - 1);
  }
}, 300_000);

test("train and sft learn on it and keep its tokenizer and template as they were", async () => {
  using directory = new TemporaryDirectory();
  const model = await chatModel(directory);
  const out = `${directory.path}/run`;
  const settings = [
    ...[`model.path=${model}`, "train.iterations=1", "train.minibatches=1", "rollout.history=2"],
    ...["rollout.tasks_per_iteration=1", "rollout.group_size=2", "rollout.max_tokens_per_turn=4"],
    ...["env.max_turns=2", "env.option.format=text", "eval.episodes=2", "eval.split=test"],
    ...["env.option.distractors=0", "train.micro_batch_tokens=4096", "modulation.type=none"],
    // It solves nothing: left out, its groups would leave no gap to measure.
    "algorithm.uniform_groups=keep",
  ];
  const sets = settings.flatMap((setting) => ["--set", setting]);
  const trained = await runCli(["train", "--device", device, "--out", out, ...sets, "--json"]);
  expect(trained.code).toBe(0);
  const metrics = JSON.parse(readFileSync(`${out}/metrics.jsonl`, "utf8").trim());
  expect(metrics.logprob_gap_max).toBeLessThan(1e-4);

  const messages = [
    { role: "user", content: "Say hi." },
    { role: "assistant", content: "hi" },
  ];
  const data = directory.file("chat.jsonl", JSON.stringify({ messages }));
  const taught = `${directory.path}/taught`;
  const teach = async (to: string, ...more: string[]) => {
    const args = ["--model", `${out}/checkpoints/000001`, "--data", data, "--out", to, ...more];
    const sft = await runCli(["sft", "--device", device, "--warmup", "0", ...args, "--json"]);
    expect(sft.code).toBe(0);
    return { ...sft, weights: readFileSync(`${to}/model.safetensors`) };
  };
  const sft = await teach(taught);
  // Where nothing else is said, only what the assistant says is learned.
  const same = await teach(`${directory.path}/same`, "--prompt-weight", "0");
  const other = await teach(`${directory.path}/other`, "--prompt-weight", "0.3");
  expect(same.weights.equals(sft.weights)).toBe(true);
  expect(other.weights.equals(sft.weights)).toBe(false);
  const whole = chatText("chatml").template(messages);
  expect(JSON.parse(sft.out).tokens).toBe(tokenizer.encodeMarkup(whole.trimEnd()).length);
  for (const file of ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"]) {
    expect(readFileSync(`${taught}/${file}`, "utf8")).toBe(
      readFileSync(`${model}/${file}`, "utf8"),
    );
  }
}, 300_000);

test("a template that cannot be read is refused before anything is loaded", async () => {
  using directory = new TemporaryDirectory();
  const model = await chatModel(directory);
  await Bun.write(`${model}/chat_template.jinja`, "{% if %}");
  const args = ["--model", model, "--episodes", "1", "--out", directory.file("t.jsonl")];
  const { code, notes } = await runCli(["rollout", "--device", device, ...args, ...WORLD]);
  expect(notes).toStartWith(`error: ${model}/chat_template.jinja: chat template: `);
  expect(code).toBe(2);
});
