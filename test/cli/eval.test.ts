import { expect, test } from "bun:test";
import { runCli } from "../support/run-cli.ts";

const device = process.env.EMPG_TEST_DEVICE ?? "auto";
const EVAL = ["eval", "--model", "builtin:tiny", "--env", "textcraft", "--device", device];
const SMALL = ["--episodes", "3", "--max-turns", "2", "--option", "distractors=2"];

test("--json prints the documented keys, the same for the same seed", async () => {
  const first = await runCli([...EVAL, ...SMALL, "--split", "test", "--json", "--seed", "3"]);
  const again = await runCli([...EVAL, ...SMALL, "--split", "test", "--json", "--seed", "3"]);
  expect(first.code).toBe(0);
  expect(again.out).toBe(first.out);
  const found = JSON.parse(first.out);
  expect(found).toMatchObject({ env: "textcraft", split: "test", episodes: 3 });
  for (const key of ["success_rate", "reward_mean", "turns_mean"]) expect(found[key]).toBeNumber();
  expect(found.ci95[0]).toBeLessThanOrEqual(found.success_rate);
  expect(found.ci95[1]).toBeGreaterThanOrEqual(found.success_rate);
});

test("for a person it is one line with the interval", async () => {
  const { out, notes } = await runCli([...EVAL, ...SMALL]);
  expect(out).toMatch(/^textcraft heldout T 1 │ success .*% \[.*%, .*%\] of 3 │ .* turns$/);
  expect(notes).toStartWith("device ");
});

test.each([
  [["eval", "--env", "textcraft"], "error: eval: --model M is missing"],
  [["eval", "--model", "builtin:tiny"], "error: eval: --env E is missing"],
  [["eval", "--model", "builtin:tiny", "--env", "txtcraft"], 'error: no such environment "txtcra'],
  [["eval", "--model", "/nowhere", "--env", "textcraft"], "error: /nowhere/config.json: cannot"],
  [[...EVAL, "--split", "tset"], 'error: textcraft: no split "tset"'],
  [[...EVAL, "--episodes", "0"], 'error: --episodes: found "0"'],
])("%j is refused", async (args, message) => {
  const { code, out, notes } = await runCli(args);
  expect([code, out]).toEqual([2, ""]);
  expect(notes).toStartWith(message);
});
