import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { WebShop } from "../../../src/env/webshop/world.ts";
import { openWorld } from "../../../src/env/worlds.ts";
import { openIndex, saveIndex } from "../../../src/retrieval/index-file.ts";
import { TemporaryDirectory } from "../../support/temporary.ts";
import { ATTRIBUTES, choices, ENTRIES, entry, littleShop, writeCatalogue } from "./little-shop.ts";

/** What opening a folder says after one of its files was replaced; "" when it opens. */
function complaint(
  name: string,
  content: string | Uint8Array,
  option: Readonly<Record<string, string>> = {},
  path = "",
): string {
  using folder = new TemporaryDirectory();
  writeCatalogue(folder.path);
  writeFileSync(join(folder.path, name), content);
  try {
    new WebShop({ data: join(folder.path, path), option });
    return "";
  } catch (error) {
    expect(error).toMatchObject({ name: "UserError" });
    return (error as Error).message.replaceAll(folder.path, "DIR");
  }
}

const ITEMS = JSON.stringify(ENTRIES, null, 1);
const with1 = (fields: Readonly<Record<string, unknown>>) =>
  JSON.stringify([ENTRIES[0], { ...entry("D1", "Zebra"), ...fields }]);

describe("a catalogue that is", () => {
  test.each([
    ["empty", "", "DIR/items_shuffle.json: not whole: it is empty"],
    ["not JSON", "hello", "DIR/items_shuffle.json: not a JSON array of products"],
    ["an object", "{}", "DIR/items_shuffle.json: not a JSON array of products"],
    ["an empty list", "[]", "DIR/items_shuffle.json: no product in it"],
    [
      "cut off",
      ITEMS.slice(0, 2000),
      /^DIR\/items_shuffle\.json: not whole: it ends in the middle of product \d$/,
    ],
    [
      "cut off after a product",
      ITEMS.slice(0, ITEMS.lastIndexOf(",")),
      /not whole: it ends in the middle of product 60/,
    ],
    [
      "followed by something",
      `${ITEMS}]`,
      "DIR/items_shuffle.json: something follows the end of the array",
    ],
    [
      "broken in its second product",
      '[{"asin":"B1"},{"asin":"B2","name":}]',
      /product 1 \(B1\): name: found nothing/,
    ],
    [
      "without JSON in its first product",
      '[{"asin":"B2","name":},1]',
      /product 1 \(B2\): not JSON: /,
    ],
    ["ended by a comma", `${ITEMS.slice(0, -1)},]`, /product 61: not JSON/],
    [
      "not UTF-8",
      Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]),
      "DIR/items_shuffle.json: product 1: not UTF-8 text",
    ],
  ])("%s is refused", (_, content, message) => {
    const said = complaint("items_shuffle.json", content);
    if (typeof message === "string") expect(said).toBe(message);
    else expect(said).toMatch(message);
  });
});

describe("a product with", () => {
  const here = "DIR/items_shuffle.json: product 2";
  const options = '"", or option names with a list of {value}';
  test.each([
    ["no asin", { asin: undefined }, `${here}: asin: found nothing, allowed: text`],
    ["a number for a name", { name: 7 }, `${here} (D1): name: found 7, allowed: text`],
    ["no query", { query: null }, `${here} (D1): query: found null, allowed: text`],
    [
      "numbers for bullet points",
      { small_description: [1] },
      `${here} (D1): small_description: found [1], allowed: text or a list of texts`,
    ],
    [
      "an amount that is none",
      { pricing: "$1.2.3" },
      `${here} (D1): pricing: found "$1.2.3", allowed: amounts such as $8.39`,
    ],
    [
      "an amount without digits",
      { pricing: "$ - $5" },
      `${here} (D1): pricing: found "$ - $5", allowed: amounts such as $8.39`,
    ],
    [
      "a list of options",
      { customization_options: [] },
      `${here} (D1): customization_options: found [], allowed: ${options}`,
    ],
    [
      "an option that is a text",
      { customization_options: { Size: "S" } },
      `${here} (D1): customization_options.Size: found "S", allowed: ${options}`,
    ],
    [
      "a value that is a number",
      { customization_options: { Size: [{ value: 1 }] } },
      `${here} (D1): customization_options.Size: found {"value":1}, allowed: ${options}`,
    ],
  ])("%s is refused by product and field", (_, fields, message) => {
    expect(complaint("items_shuffle.json", with1(fields))).toBe(message);
  });

  test("neither price nor options is taken as it is", () => {
    const fields = { pricing: undefined, customization_options: null };
    expect(complaint("items_shuffle.json", with1(fields))).toBe("");
  });
});

describe("a file of attributes", () => {
  test.each([
    [
      "cut off",
      '{"B000000001": {"attributes": ["a',
      /items_ins_v2\.json: not whole: it ends in the middle of product 1/,
    ],
    ["that is a list", "[]", /items_ins_v2\.json: not a JSON object of products/],
    [
      "with a text for a list",
      '{"B000000001": {"attributes": "a"}}',
      /items_ins_v2\.json: product 1 \(B000000001\): attributes: /,
    ],
    [
      "with an instruction for nothing",
      '{"B1": {"instruction": "Find me", "instruction_attributes": []}}',
      /product 1 \(B1\): instruction_attributes: none, but there is an instruction/,
    ],
    [
      "without an instruction",
      '{"B000000001": {"attributes": ["soft"]}}',
      /items_ins_v2\.json: no goal for any product of DIR\/items_shuffle\.json/,
    ],
    [
      "of strangers alone",
      '{"X1": {"attributes": ["soft"], "instruction": "Find me", "instruction_attributes": ["soft"]}}',
      /no goal for any product/,
    ],
  ])("%s is refused", (_, content, message) => {
    expect(complaint("items_ins_v2.json", content)).toMatch(message);
  });

  test("tells of products that the catalogue does not have, three by name", () => {
    const notes: string[] = [];
    const strangers = Object.fromEntries(
      ["X1", "X2", "X3", "X4", "X5"].map((asin) => [asin, { attributes: [] }]),
    );
    littleShop({}, { attributes: { ...ATTRIBUTES, ...strangers } }, (line) => notes.push(line));
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(
      /items_ins_v2\.json: not in the catalogue, passed over: X1, X2, X3 and 2 more$/,
    );
  });
});

test("an asin twice is told, and the first product stands", () => {
  const notes: string[] = [];
  const twice = [...ENTRIES, entry("C100", "Another Pot")];
  const world = littleShop({}, { entries: twice }, (line) => notes.push(line));
  expect(notes).toEqual([
    expect.stringMatching(/items_shuffle\.json: an asin again, skipped: C100$/),
  ]);
  const { catalogue } = world.start("0", 0).shop;
  expect(catalogue.product(catalogue.numberOf("C100")!).title).toBe("Flower Pot number 0");
});

describe("recorded goals and prices", () => {
  const goal = {
    ...{ asin: "C100", instruction_text: "Find me", attributes: ["a"], goal_options: {} },
    ...{ price_upper: 10, weight: 1 },
  };
  const goals = (fields: Readonly<Record<string, unknown>>) =>
    JSON.stringify([goal, { ...goal, ...fields }]);
  const file = "goals_synthetic_seed233.json";
  test.each([
    ["a goal without a target", goals({ asin: undefined }), /goal 2: asin: /],
    [
      "a goal for a stranger",
      goals({ asin: "X1" }),
      /goal 2: asin: the catalogue has no product "X1"/,
    ],
    ["a goal that asks for nothing", goals({ attributes: [] }), /goal 2: attributes: /],
    ["no goal", "[]", /goals_synthetic_seed233\.json: no goal for any product/],
  ])("%s", (_, content, message) => {
    expect(complaint(file, content)).toMatch(message);
  });

  test.each([
    ["a price that is a text", '{"C100": "1"}', /product 1 \(C100\): /],
    ["a price for a stranger", '{"X1": 1}', /product 1 \(X1\): the catalogue has no such product/],
    ["too few prices", '{"C100": 1}', /no price for B000000001, which the catalogue has/],
  ])("%s", (_, content, message) => {
    expect(complaint("product_prices_seed233.json", content)).toMatch(message);
  });
});

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
  folder.file("items_shuffle.json.gz", gzipSync(ITEMS).subarray(0, 300));
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
      openWorld("webshop", { data: folder.path, option: { index }, note: (line) => notes.push(line) });
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
    [{ format: "txt" }, 'webshop: option format: expected one of compact, text, found "txt"'],
    [{ reward: "2" }, 'webshop: option reward: expected one of score, 1, 10, found "2"'],
    [
      { option_rule: "names" },
      'webshop: option option_rule: expected one of pairs, values, found "names"',
    ],
    [
      { seed: "-1" },
      'webshop: option seed: expected a whole number from 0 to 4294967295, found "-1"',
    ],
    [
      { seed: "4294967296" },
      'webshop: option seed: expected a whole number from 0 to 4294967295, found "4294967296"',
    ],
    [
      { shortcut: "on" },
      'webshop: unknown option "shortcut" (allowed: format, reward, goals, option_rule, shortcuts, seed, index)',
    ],
  ])("%j are refused", (option: Readonly<Record<string, string>>, message) => {
    expect(() => littleShop(option)).toThrow(message);
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
