import { expect, test } from "bun:test";
import fc from "fast-check";
import { entriesInOrder, parseOrdered } from "../../../src/env/webshop/ordered-json.ts";
import { after, ENTRIES, entry, littleShop, startFor } from "./little-shop.ts";

const keysOf = (text: string) =>
  entriesInOrder(parseOrdered(text) as Record<string, unknown>).map(([key]) => key);

test.each([
  ['{"10": 1, "b": 2, "2": 3}', ["10", "b", "2"]],
  ['{"2": {"10": 1, "9": 1}, "1": [{"8": 1, "7": 1}]}', ["2", "1"]],
  ['{"b": {}, "2": 1, "b": [1], "1": 2}', ["b", "2", "1"]],
  ['{"b": 1, "a": 2}', ["b", "a"]],
  ["{}", []],
])("%s has its keys in the order %j", (text, keys) => {
  expect(keysOf(text)).toEqual(keys);
});

test("inner objects keep theirs, too", () => {
  const outer = parseOrdered('{"x": [{"b": 0, "8": 1, "7": 2}]}') as { x: [object] };
  expect(entriesInOrder(outer.x[0] as Record<string, unknown>)).toEqual([
    ["b", 0],
    ["8", 1],
    ["7", 2],
  ]);
});

test("values are those of JSON.parse", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseOrdered(text)).toEqual(JSON.parse(text));
    }),
  );
});

test("a page shows options that are called by numbers in the order of the file", () => {
  // Written by hand: JSON.stringify would put the numbers first.
  const written = '{"Size": [{"value": "S"}], "10": [{"value": "ten"}], "2": [{"value": "two"}]}';
  const text = JSON.stringify(entry("D1", "Zebra", { customization_options: "HERE" }));
  const entries = [...ENTRIES.map((one) => JSON.stringify(one)), text.replace('"HERE"', written)];
  const world = littleShop({}, { itemsText: `[${entries.join(",")}]` });
  const page = after(startFor(world, "C100"), "search[zebra]", "click[d1]");
  expect(page).toContain("size [SEP] s [SEP] 10 [SEP] ten [SEP] 2 [SEP] two [SEP] Zebra");
});
