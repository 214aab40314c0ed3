import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { openModel } from "../../src/model/builtin.ts";
import { readModelDirectory } from "../../src/model/directory.ts";
import { readTokenizer } from "../../src/text/read-tokenizer.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const device = process.env.EMPG_TEST_DEVICE ?? "auto";
const SFT = ["sft", "--model", "builtin:tiny", "--device", device];

async function demonstrations(directory: TemporaryDirectory): Promise<string> {
  const out = directory.file("d.jsonl");
  const options = ["--option", "distractors=0", "--option", "max_solution_turns=3"];
  const args = ["--env", "textcraft", ...options, "--episodes", "1", "--out", out];
  expect((await runCli(["rollout", "--policy", "expert", ...args])).code).toBe(0);
  return out;
}

test("demonstrations become likelier, and the written model opens again", async () => {
  using directory = new TemporaryDirectory();
  const data = await demonstrations(directory);
  const train = async (name: string) => {
    const out = `${directory.path}/${name}`;
    const args = ["--data", data, "--out", out, "--epochs", "2", "--warmup", "0"];
    const result = await runCli([...SFT, ...args, "--batch-tokens", "512", "--json"]);
    expect(result.code).toBe(0);
    return { out, summary: JSON.parse(result.out), notes: result.notes };
  };
  const { out, summary, notes } = await train("a");
  expect(summary).toMatchObject({ model: out, end: "done", steps_skipped: 0 });
  expect(summary.loss_last).toBeLessThan(summary.loss_first);
  expect(notes).toMatch(/step \d+\/\d+ │ loss \d\.\d+ │ grad norm/);
  expect(readModelDirectory(out).config.vocabulary).toBe(432);
  const again = await train("b");
  const weights = (path: string) => readFileSync(`${path}/model.safetensors`);
  expect(weights(again.out).equals(weights(out))).toBe(true);
}, 300_000);

test("a chat and the ids of a trajectory teach the same", async () => {
  using directory = new TemporaryDirectory();
  const chat = directory.file(
    "chat.jsonl",
    JSON.stringify({
      messages: [
        { role: "user", content: "goal stick\n" },
        { role: "assistant", content: "get 2 bamboo" },
        { role: "user", content: "ok " },
        { role: "assistant", content: "craft 1 stick using 2 bamboo\n" },
      ],
    }),
  );
  const { tokenizer: text } = openModel("builtin:tiny");
  const tokenizer = readTokenizer(text, "the built-in tokenizer");
  const ids = (words: string) => tokenizer.encode(words);
  const steps = [
    { prompt_tokens: ids("goal stick\n"), tokens: ids("get 2 bamboo\n") },
    { prompt_tokens: ids("ok "), tokens: ids("craft 1 stick using 2 bamboo\n") },
  ].map((step) => ({ context: "append", ...step }));
  const trajectory = directory.file("trajectory.jsonl", JSON.stringify({ steps }));
  const one = JSON.stringify({ prompt_tokens: ids("craft"), tokens: [1, 2] });
  const mixed = directory.file("mixed.jsonl", `${readFileSync(chat)}\n${one}\n`);
  const train = async (data: string) => {
    const args = ["--data", data, "--out", `${data}.model`, "--warmup", "0", "--json"];
    const { out } = await runCli([...SFT, ...args]);
    return JSON.parse(out);
  };
  const { model: _, ...learned } = await train(chat);
  expect(learned.tokens).toBe(steps.flatMap((s) => [...s.prompt_tokens, ...s.tokens]).length);
  expect(await train(trajectory)).toMatchObject(learned);
  expect((await train(mixed)).tokens).toBe(learned.tokens + 3);
}, 300_000);

test("a rate that breaks the weights ends with exit code 3 and writes nothing", async () => {
  using directory = new TemporaryDirectory();
  const data = await demonstrations(directory);
  const out = `${directory.path}/m`;
  const args = ["--data", data, "--out", out, "--epochs", "4", "--warmup", "0"];
  const { code, notes } = await runCli([...SFT, ...args, "--learning-rate", "1e30"]);
  expect(code).toBe(3);
  expect(notes).toContain("3 steps in a row were not finite; nothing was written");
  expect(() => readModelDirectory(out)).toThrow("cannot read");
}, 300_000);

test("mistakes are refused before any work", async () => {
  using directory = new TemporaryDirectory();
  const data = await demonstrations(directory);
  const empty = directory.file("empty.jsonl", "");
  const foreign = readFileSync(data, "utf8").replace(/"tokens":\[\d+/, '"tokens":[999');
  const unknown = directory.file("foreign.jsonl", foreign);
  const out = `${directory.path}/m`;
  const refused = async (args: readonly string[], message: string) => {
    const { code, notes } = await runCli([...SFT, ...args]);
    expect(notes).toStartWith(`error: ${message}`);
    expect(code).toBe(2);
  };
  await refused(["--out", out], "sft: --data FILE is missing");
  await refused(["--data", data], "sft: --out DIR is missing");
  await refused(["--data", data, "--out", directory.path], `--out ${directory.path}: holds files`);
  await refused(["--data", empty, "--out", out], `${empty}: holds no episode`);
  await refused(["--data", unknown, "--out", out], `${unknown}:1: found tok`);
  const short = ["--data", data, "--out", out, "--batch-tokens", "5"];
  await refused(short, `${data}:1: found`);
  const odd = (line: string) => ["--data", directory.file("odd.jsonl", line), "--out", out];
  const file = `${directory.path}/odd.jsonl`;
  await refused(odd('{"prompt": "a", "completion": "b"}'), `${file}:1: found ["prompt","comp`);
  await refused(odd("\n[1, 2]"), `${file}:2: found a list, allowed: a record with "steps"`);
  await refused(odd('{"tokens": [1, -1]}'), `${file}:1: tokens[1]: found -1`);
  await refused(odd('{"messages": [{"role": "user", "content": "goal"}]}'), `${file}:1: no mess`);
  const role = '{"messages": [{"role": "agent", "content": "goal"}]}';
  await refused(odd(role), `${file}:1: messages[0].role: found "agent", allowed: "system"`);
});
