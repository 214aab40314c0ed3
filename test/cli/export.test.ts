import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readModelDirectory } from "../../src/model/directory.ts";
import { openSafetensors } from "../../src/model/safetensors.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";
import { readAll } from "../support/tiny-model.ts";

test("a model goes through export without a byte changed", async () => {
  using temporary = new TemporaryDirectory();
  const [first, second] = [temporary.file("first"), temporary.file("second")];
  expect((await runCli(["export", "builtin:tiny", "--out", first])).code).toBe(0);
  expect((await runCli(["export", first, "--out", second])).code).toBe(0);
  for (const name of ["model.safetensors", "config.json", "tokenizer.json"]) {
    const [a, b] = [first, second].map((path) => readFileSync(join(path, name)));
    expect(a!.equals(b!), name).toBe(true);
  }
});

test("16 bits: every number is the nearest there is, and config.json says which", async () => {
  using temporary = new TemporaryDirectory();
  const full = temporary.file("full");
  await runCli(["export", "builtin:tiny", "--out", full]);
  const numbers = readAll(readModelDirectory(full));
  for (const dtype of ["bfloat16", "float16"]) {
    const out = temporary.file(dtype);
    const { code } = await runCli(["export", full, "--out", out, "--dtype", dtype]);
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(join(out, "config.json"), "utf8")).torch_dtype).toBe(dtype);
    using file = openSafetensors(join(out, "model.safetensors"));
    for (const [name, values] of numbers) {
      // bfloat16 keeps 8 bits of a number, half precision 11 of those that are not tiny.
      const step = dtype === "bfloat16" ? 2 ** -8 : 2 ** -11;
      const written = file.read(name);
      const worst = values.reduce((most, value, i) => {
        const bound = Math.max(Math.abs(value) * step, 2 ** -25);
        return Math.max(most, Math.abs(written[i]! - value) / bound);
      }, 0);
      expect(worst, `${dtype} ${name}`).toBeLessThanOrEqual(1);
    }
  }
});

test("refused: no adapter to export, no run, a place that is taken", async () => {
  using temporary = new TemporaryDirectory();
  const out = temporary.file("out");
  const peft = await runCli(["export", "builtin:tiny", "--format", "peft", "--out", out]);
  expect(peft.code).toBe(2);
  expect(peft.notes).toContain("builtin:tiny: no adapter: all weights were trained");
  const run = new TemporaryDirectory();
  run.file("config.toml", "");
  expect((await runCli(["export", run.path, "--out", out])).notes).toContain("no checkpoint yet");
  const taken = await runCli(["export", "builtin:tiny", "--out", run.path]);
  expect(taken.notes).toContain("holds files already");
  run[Symbol.dispose]();
});
