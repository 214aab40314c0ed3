import { expect, test } from "bun:test";
import { runCli } from "../support/run-cli.ts";

test("--json prints the documented keys, features in order and limits as numbers", async () => {
  const { code, out } = await runCli(["doctor", "--json"]);
  expect(code).toBe(0);
  const report = JSON.parse(out);
  expect(Object.keys(report)).toEqual(["ok", "adapter", "features", "limits", "memory"]);
  expect(report.ok).toBe(true);
  expect(Object.keys(report.adapter)).toEqual([
    "vendor",
    "architecture",
    "description",
    "backend",
    "software",
  ]);
  expect(report.features).toEqual(report.features.toSorted());
  expect(report.limits.maxBufferSize).toBeGreaterThan(2 ** 27);
});

test("a model is four arenas, counted from its configuration", async () => {
  const { out } = await runCli(["doctor", "--json", "--model", "builtin:tiny"]);
  const { ok, model } = JSON.parse(out);
  expect([ok, model.fits]).toEqual([true, true]);
  expect(model.arena_bytes).toBeGreaterThanOrEqual(4 * model.parameters);
  expect(model.training_bytes).toBe(4 * model.arena_bytes);
});

test("for a person it fits 80 columns", async () => {
  const { out } = await runCli(["doctor", "--model", "builtin:tiny", "--device", "software"]);
  expect(out).toContain("software adapter");
  for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test.each([
  [["--model", "builtin:tyni"], 'error: no built-in model "tyni"'],
  [["--model", "/nowhere"], "error: /nowhere/config.json: cannot read"],
  [["--device", "no such adapter"], "error: --device no such adapter"],
])("%j is refused", async (args, message) => {
  const { code, notes } = await runCli(["doctor", ...args]);
  expect(code).toBe(2);
  expect(notes).toStartWith(message);
});
