import { describe, expect, test } from "bun:test";
import type { Replay } from "../../src/env/replay.ts";
import { writeCatalogue } from "../env/webshop/little-shop.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const BUY = ["search[woollen]", "click[b000000001]", "click[red]", "click[s]", "click[buy now]"];

/** A folder with a little catalogue, and the number of the goal that BUY fulfils. */
async function shop(folder: TemporaryDirectory): Promise<string> {
  writeCatalogue(folder.path);
  for (let task = 0; ; task++) {
    const file = folder.file("look.json", "[]");
    const { code, out } = await runCli([
      ...["play", "webshop", "--data", folder.path, "--task", `${task}`],
      ...["--actions", file, "--json"],
    ]);
    expect(code).toBe(0);
    if ((JSON.parse(out) as Replay).opening.observation.includes("color: red, and size: s,")) {
      return `${task}`;
    }
  }
}

describe("machines", () => {
  test("replay a purchase, with what could be clicked after every action", async () => {
    using folder = new TemporaryDirectory();
    const task = await shop(folder);
    const actions = folder.file("actions.json", JSON.stringify(BUY));
    const { out } = await runCli([
      ...["play", "webshop", "--data", folder.path, "--task", task],
      ...["--actions", actions, "--json"],
    ]);
    const played = JSON.parse(out) as Replay;
    expect(played).toMatchObject({ env: "webshop", success: true, return: 1 });
    expect(played.task).toBe(`${task}/B000000001`);
    expect(played.opening.admissible).toEqual(["search[<your query>]", "click[search]"]);
    expect(played.transcript.map(({ done }) => done)).toEqual([false, false, false, false, true]);
    expect(played.transcript[1]?.admissible).toContain("click[dark blue]");
    expect(played.transcript[4]?.admissible).toEqual([]);
  });

  test("are told of a catalogue that cannot be read, by file, product and field", async () => {
    using folder = new TemporaryDirectory();
    writeCatalogue(folder.path, { entries: [{ asin: "B1", name: 5 }] });
    const { code, notes } = await runCli(["play", "webshop", "--data", folder.path]);
    expect(code).toBe(2);
    expect(notes).toBe(
      `error: ${folder.path}/items_shuffle.json: product 1 (B1): name: found 5, allowed: text`,
    );
  });
});

describe("a person", () => {
  test("sees what no page shows: where one is and what was chosen", async () => {
    using folder = new TemporaryDirectory();
    const task = await shop(folder);
    const typed = ["search[woollen]", "click[b000000001]", "click[dark blue]", "click[s]", ":map"];
    const { notes } = await runCli(
      ["play", "webshop", "--data", folder.path, "--task", task],
      typed,
    );
    expect(notes.split("\n").slice(-5)).toEqual([
      "page: item",
      "search: woollen, page 1",
      "product: B000000001 Woollen Winter Scarf",
      "chosen: color: dark blue",
      "chosen: size: s (asked for)",
    ]);
  });
});
