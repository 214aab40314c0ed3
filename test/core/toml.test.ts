import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseToml, parseTomlValue, type TomlTable, writeToml } from "../../src/core/toml.ts";

describe("a syntax error names its line", () => {
  test.each([
    ["a table header without end", "[run\nseed = 1", 1],
    ["a string without end", '[run]\nseed = 1\nname = "demo\nx = 1', 3],
    ["a word without quotes", "[run]\nseed = 1\nname = demo\nx = 1\n", 3],
    ["a key given twice", "a = 1\nb = 2\na = 3\nc = 4", 3],
    ["a table given twice", "[a]\nx = 1\n[b]\n[a]\ny = 1", 4],
    ["a mistake behind a list over several lines", "a = [\n1,\n2\n]\nb = \nc = 3", 5],
    ["a mistake inside such a list", "a = [\n1,\nnope,\n]\nb = 1", 3],
  ])("%s", (_, text, line) => {
    expect(() => parseToml(text, "run.toml")).toThrow(new RegExp(`^run\\.toml:${line}: `));
  });
});

test.each([
  ["12", 12],
  ["1e-6", 1e-6],
  ["true", true],
  ['"quoted text"', "quoted text"],
  ["[1, 2]", [1, 2]],
  ["builtin:tiny", "builtin:tiny"],
  ["min-max", "min-max"],
  ["2026-01-31", "2026-01-31"],
  ["", ""],
  ["1\nother = 2", "1\nother = 2"],
])("the value %j on a command line is %j", (text, value) => {
  expect(parseTomlValue(text)).toEqual(value);
});

test("what is written reads back the same", () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Object.is(x, -0)),
  );
  const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 4 }));
  const inner = fc.dictionary(fc.string(), value, { maxKeys: 4 });
  const table = fc.dictionary(fc.string(), fc.oneof(value, inner), { maxKeys: 5 });
  fc.assert(
    fc.property(table, (original) => {
      const plain = { ...original };
      expect(parseToml(writeToml(plain as TomlTable), "written")).toEqual(plain);
    }),
  );
});
