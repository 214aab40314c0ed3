import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { readModelDirectory } from "../../src/model/directory.ts";
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
}, 20_000);

test("a rate that breaks the weights ends with exit code 3 and writes nothing", async () => {
  using directory = new TemporaryDirectory();
  const data = await demonstrations(directory);
  const out = `${directory.path}/m`;
  const args = ["--data", data, "--out", out, "--epochs", "4", "--warmup", "0"];
  const { code, notes } = await runCli([...SFT, ...args, "--learning-rate", "1e30"]);
  expect(code).toBe(3);
  expect(notes).toContain("3 steps in a row were not finite; nothing was written");
  expect(() => readModelDirectory(out)).toThrow("cannot read");
}, 20_000);

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
  await refused(
    ["--data", unknown, "--out", out],
    `${unknown}: episode "textcraft/0#0": found tok`,
  );
  const short = ["--data", data, "--out", out, "--batch-tokens", "5"];
  await refused(short, `${data}: episode "textcraft/`);
});
