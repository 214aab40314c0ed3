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

test("a model's training is told by its parts, which together are what it takes", async () => {
  const { out } = await runCli(["doctor", "--json", "--model", "builtin:tiny"]);
  const { ok, model } = JSON.parse(out);
  expect([ok, model.fits, model.notes]).toEqual([true, true, []]);
  const { weights, gradients, optimizer } = model.plan;
  expect(gradients).toBeGreaterThanOrEqual(4 * model.parameters);
  expect(weights).toBeGreaterThanOrEqual(gradients);
  expect(optimizer).toBeGreaterThanOrEqual(2 * gradients);
  const parts = Object.values(model.plan as Record<string, number>);
  expect(parts.reduce((sum, bytes) => sum + bytes, 0)).toBe(model.training_bytes);
});

test("a model that does not fit is told what is needed and what would help", async () => {
  const tight = ["doctor", "--model", "builtin:tiny", "--set", "run.memory_gib=0.01"];
  const { code, out, notes } = await runCli(tight);
  expect(code).toBe(0);
  expect(out).toEndWith("does not fit");
  expect(notes).toMatch(/training needs [\d.]+ MiB, there are 10.2 MiB: weights [\d.]+ MiB, /);
  expect(notes).toContain("--set model.lora.rank=16");
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
