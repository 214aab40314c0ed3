import { describe, expect, test } from "bun:test";
import { complaint } from "./complaint.ts";
import { ATTRIBUTES, ENTRIES, entry, littleShop } from "./little-shop.ts";

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
    ["a blank asin", { asin: " " }, `${here}: asin: found " ", allowed: text, not blank`],
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
    ...{ asin: "B000000001", instruction_text: "Find me, and price lower than 20.00 dollars" },
    ...{ attributes: ["machine washable"], goal_options: { size: "s", color: "red" } },
    ...{ price_upper: 20, weight: 1 },
  };
  const goals = (fields: Readonly<Record<string, unknown>>) =>
    JSON.stringify([goal, { ...goal, ...fields }]);
  const file = "goals_synthetic_seed233.json";

  test("of this catalogue are taken as they are, with the order of their options", () => {
    expect(complaint(file, goals({ index: 1 }))).toBe("");
    const free = { instruction_text: "Find me", price_upper: 1_000_000, goal_options: {} };
    expect(complaint(file, goals(free))).toBe("");
  });

  test.each([
    [
      "an option that the target has not",
      { goal_options: { fit: "wide" } },
      'goal_options: found "fit", allowed for B000000001: color, size',
    ],
    [
      "a value that the option has not",
      { goal_options: { size: "xl" } },
      'goal_options.size: found "xl", allowed for B000000001: s, l | xl',
    ],
    [
      "an attribute that the target has nowhere",
      { attributes: ["machine washable", "gluten free"] },
      'attributes: found "gluten free", allowed for B000000001: machine washable, long lasting',
    ],
    [
      "a limit below what is charged",
      { price_upper: 10, instruction_text: "Find me, and price lower than 10.00 dollars" },
      "price_upper: found 10, allowed: what the target is charged, 12.5, or more",
    ],
    [
      "a limit that is not the one told",
      { price_upper: 30 },
      "price_upper: found 30, allowed: 20, as instruction_text says",
    ],
    ["a negative limit", { price_upper: -1 }, "price_upper: found -1"],
    ["no instruction", { instruction_text: undefined }, "instruction_text: found nothing"],
    ["a blank instruction", { instruction_text: " \n" }, "instruction_text: found "],
    ["another number", { index: 7 }, "index: found 7, allowed: 1, the goal's place in the file"],
    ["a number that is none", { index: "1" }, 'index: found "1"'],
    ["a list of options", { goal_options: ["s"] }, "goal_options: found "],
    ["no weight", { weight: undefined }, "weight: found nothing"],
  ])("a goal with %s is refused by its number and the field", (_, fields, message) => {
    expect(complaint(file, goals(fields))).toStartWith(`DIR/${file}: goal 2: ${message}`);
  });

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
    ["too few prices", '{"C100": 10}', /no price for B000000001, which the catalogue has/],
    [
      "a price that the product has not",
      '{"C100": 1}',
      /product 1 \(C100\): found 1, allowed by the catalogue: 10$/,
    ],
    [
      "a price outside the product's range",
      '{"B000000002": 30.01}',
      /product 1 \(B000000002\): found 30\.01, allowed by the catalogue: 20 to 30$/,
    ],
  ])("%s", (_, content, message) => {
    expect(complaint("product_prices_seed233.json", content)).toMatch(message);
  });
});
