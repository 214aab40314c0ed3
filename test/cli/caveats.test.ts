import { describe, expect, test } from "bun:test";
import { DATA, HAS_DATA } from "../env/webshop/data.ts";
import { entry, writeCatalogue } from "../env/webshop/little-shop.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

// By its asin the product B1 is held out.
test("a split without a task is called so, not unknown", async () => {
  using folder = new TemporaryDirectory();
  const product = entry("B1", "Zebra");
  const about = { attributes: ["soft"], instruction: "Find me", instruction_attributes: ["soft"] };
  writeCatalogue(folder.path, { entries: [product], attributes: { B1: about } });
  const { code, notes } = await runCli([
    ...["rollout", "--env", "webshop", "--data", folder.path, "--policy", "expert"],
    ...["--model", "builtin:tiny", "--episodes", "1", "--out", `${folder.path}/out.jsonl`],
  ]);
  expect(code).toBe(2);
  expect(notes).toMatch(
    /webshop: split "train" has no task to play \(other splits: \w+, heldout, all\)/,
  );
});

const LEAK = "webshop: verl-validation: not held out: 481 of its 500 tasks ask for a product that";

describe.skipIf(!HAS_DATA)("a list of tasks that leaks says so", () => {
  test("where it is listed, for people and for machines", async () => {
    const { notes } = await runCli(["envs", "webshop", "--data", DATA]);
    expect(notes).toContain(LEAK);
    const { out } = await runCli(["envs", "webshop", "--data", DATA, "--json"]);
    expect(JSON.parse(out)[0].caveats["verl-train"]).toContain("it leaks into verl-validation");
    const listed = await runCli([
      ...["envs", "webshop", "--data", DATA],
      ...["--split", "verl-validation"],
    ]);
    expect(listed.notes).toStartWith(LEAK);
  });

  test("where it is played from and rolled out, and a clean split does not", async () => {
    using folder = new TemporaryDirectory();
    const actions = folder.file("actions.json", "[]");
    const play = (split: string) =>
      runCli(["play", "webshop", "--data", DATA, "--split", split, "--actions", actions, "--json"]);
    expect((await play("verl-validation")).notes).toStartWith(LEAK);
    expect((await play("heldout")).notes).toBe("");
    const rollout = await runCli([
      ...["rollout", "--env", "webshop", "--data", DATA, "--option", "format=text"],
      ...["--split", "verl-validation", "--policy", "expert", "--model", "builtin:tiny"],
      ...["--episodes", "1", "--out", `${folder.path}/out.jsonl`],
    ]);
    expect(rollout.notes).toContain(LEAK);
  });
});
