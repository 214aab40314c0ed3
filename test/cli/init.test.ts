import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { loadConfig } from "../../src/train/config-file.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

test("the written file holds the defaults", async () => {
  using directory = new TemporaryDirectory();
  const file = directory.file("run.toml");
  expect(await runCli(["init", file])).toEqual({
    code: 0,
    out: "",
    notes: `wrote ${file}; train with it: empg train ${file}`,
  });
  expect(await loadConfig(file)).toEqual(await loadConfig(undefined));
});

test("a file that exists is left alone", async () => {
  using directory = new TemporaryDirectory();
  const file = directory.file("run.toml", "mine");
  const { code, notes } = await runCli(["init", file]);
  expect(code).toBe(2);
  expect(notes).toBe(`error: ${file}: exists already\nhint: name another file, or remove this one`);
  expect(readFileSync(file, "utf8")).toBe("mine");
});

test("a directory that does not exist is not created", async () => {
  using directory = new TemporaryDirectory();
  const file = directory.file("missing/run.toml");
  const { code, notes } = await runCli(["init", file]);
  expect([code, notes]).toEqual([2, `error: ${file}: cannot write: no such file or directory`]);
  expect(existsSync(file)).toBe(false);
});

test("- writes to standard output, which --json would need for itself", async () => {
  const { code, out } = await runCli(["init", "-"]);
  expect(code).toBe(0);
  expect(out).toContain("\n[modulation]");
  expect((await runCli(["init", "-", "--json"])).code).toBe(2);
});

test("--json names the file", async () => {
  using directory = new TemporaryDirectory();
  const file = directory.file("run.toml");
  expect(JSON.parse((await runCli(["init", file, "--json"])).out)).toEqual({ file });
});
