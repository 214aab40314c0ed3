import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { WebShop } from "../../../src/env/webshop/world.ts";
import { openWorld } from "../../../src/env/worlds.ts";
import { openIndex, saveIndex } from "../../../src/retrieval/index-file.ts";
import { TemporaryDirectory } from "../../support/temporary.ts";
import { complaint } from "./complaint.ts";
import { ATTRIBUTES, choices, ENTRIES, entry, littleShop, writeCatalogue } from "./little-shop.ts";

describe("a place without a catalogue", () => {
  test.each([
    ["nowhere", "nothing", /^DIR\/nothing: cannot read: no such file or directory$/],
    [
      "a file of another name",
      "other.json",
      /^DIR\/other\.json: found "other\.json", allowed: items_shuffle\.json, items_shuffle_N\.json$/,
    ],
  ])("%s", (_, path, message) => {
    expect(complaint("other.json", "[]", {}, path)).toMatch(message);
  });

  test("an empty folder, and one without attributes", () => {
    using folder = new TemporaryDirectory();
    expect(() => new WebShop({ data: folder.path })).toThrow("no WebShop catalogue in it");
    folder.file("items_shuffle_1000.json", "[]");
    expect(() => new WebShop({ data: folder.path })).toThrow(
      "no items_ins_v2_1000.json beside items_shuffle_1000.json",
    );
  });

  test("goals=human without the file of instructions", () => {
    expect(() => littleShop({ goals: "human" })).toThrow("goals=human needs items_human_ins.json");
  });
});

test("files may be gzipped, but not torn", () => {
  using folder = new TemporaryDirectory();
  const packed = (name: string, value: unknown) =>
    folder.file(`${name}.json.gz`, gzipSync(JSON.stringify(value)));
  const items = packed("items_shuffle", ENTRIES);
  packed("items_ins_v2", ATTRIBUTES);
  const tasks = littleShop().splits.all!;
  expect(new WebShop({ data: folder.path }).splits.all).toEqual(tasks);
  expect(new WebShop({ data: items }).splits.all).toEqual(tasks);
  folder.file("items_shuffle.json.gz", gzipSync(JSON.stringify(ENTRIES)).subarray(0, 300));
  expect(() => new WebShop({ data: folder.path })).toThrow(
    "items_shuffle.json.gz: not a whole gzip file",
  );
});

describe("an index in a file", () => {
  async function indexOf(world: WebShop, folder: TemporaryDirectory): Promise<string> {
    const path = folder.file("shop.index");
    await saveIndex(world.start("0", 0).shop.search.index, path);
    return path;
  }

  test("finds what one that is built at start finds", async () => {
    using folder = new TemporaryDirectory();
    const index = await indexOf(littleShop(), folder);
    const { search } = littleShop({ index }).start("0", 0).shop;
    expect(search.find("scarf")).toEqual(littleShop().start("0", 0).shop.search.find("scarf"));
    expect(search.find("scarf")).toHaveLength(2);
  });

  test("of another catalogue, damaged or empty is refused at start", async () => {
    using folder = new TemporaryDirectory();
    const shorter = littleShop({}, { entries: ENTRIES.slice(0, -1) });
    const index = await indexOf(shorter, folder);
    expect(() => littleShop({ index })).toThrow(
      `${index}: it has 59 products, the catalogue has 60`,
    );
    const bytes = new Uint8Array(await Bun.file(await indexOf(littleShop(), folder)).arrayBuffer());
    bytes[bytes.length - 9]! ^= 1;
    const damaged = folder.file("damaged.index", bytes);
    expect(() => littleShop({ index: damaged })).toThrow("damaged.index: is damaged (postings)");
    const empty = folder.file("empty.index", "");
    expect(() => littleShop({ index: empty })).toThrow("empty.index: is empty, not a search index");
  });

  test("that is not there is built and saved", async () => {
    using folder = new TemporaryDirectory();
    writeCatalogue(folder.path);
    const index = join(folder.path, "shop.index");
    const notes: string[] = [];
    const open = () =>
      openWorld("webshop", {
        data: folder.path,
        option: { index },
        note: (line) => notes.push(line),
      });
    await open();
    expect(notes).toEqual([`webshop: saved the index in ${index}`]);
    expect(openIndex(index).documentCount).toBe(ENTRIES.length);
    await open();
    expect(notes).toHaveLength(1);
    const nowhere = { data: folder.path, option: { index: "/nowhere/shop.index" } };
    await expect(openWorld("webshop", nowhere)).rejects.toThrow("/nowhere/shop.index");
  });
});

describe("options", () => {
  test.each([
    [{ format: "txt" }, 'webshop: option format: found "txt", allowed: "compact" or "text"'],
    [{ reward: "2" }, 'webshop: option reward: found "2", allowed: "score", "1" or "10"'],
    [
      { option_rule: "names" },
      'webshop: option option_rule: found "names", allowed: "pairs" or "values"',
    ],
    [
      { seed: "-1" },
      'webshop: option seed: found "-1", allowed: a whole number from 0 to 4294967295',
    ],
    [
      { seed: "4294967296" },
      'webshop: option seed: found "4294967296", allowed: a whole number from 0 to 4294967295',
    ],
    [
      { shortcut: "on" },
      'webshop: unknown option "shortcut" (allowed: format, reward, goals, option_rule, shortcuts, seed, index, products, world_seed)',
    ],
  ])("%j are refused", (option: Readonly<Record<string, string>>, message) => {
    expect(() => littleShop(option)).toThrow(message);
  });

  test("that would be ignored are refused: of the generated catalogue, and of a real one", () => {
    expect(() => littleShop({ products: "5" })).toThrow(
      "webshop: option products is for the generated catalogue",
    );
    expect(() => new WebShop({ option: { index: "x" } })).toThrow(
      "webshop: option index is for a real catalogue (--data)",
    );
    expect(() => new WebShop({ option: { products: "0" } })).toThrow(
      'webshop: option products: found "0", allowed: a whole number from 1 to 3000000',
    );
  });

  test("which option rule is not the original's is told", () => {
    const notes: string[] = [];
    littleShop({ option_rule: "values" }, {}, (line) => notes.push(line));
    expect(notes).toEqual([expect.stringContaining("option_rule=values")]);
  });

  test("reward=10 pays a full score alone, reward=score what it is", () => {
    const rewards = ["score", "1", "10"].map((reward) =>
      [["click[red]", "click[s]"], []].map((picks) => {
        const world = littleShop(
          { reward },
          {
            entries: [
              entry("B1", "Red Scarf", {
                customization_options: choices({ color: ["red"], size: ["s"] }),
              }),
            ],
            attributes: {
              B1: {
                attributes: ["soft"],
                instruction: "Find me",
                instruction_attributes: ["soft"],
              },
            },
          },
        );
        const episode = world.start("0", 0);
        for (const action of ["search[scarf]", "click[b1]", ...picks]) episode.step(action);
        return episode.step("click[buy now]").reward;
      }),
    );
    expect(rewards).toEqual([
      [1, 0.5],
      [1, 0],
      [10, 0],
    ]);
  });
});
