import { expect, test } from "bun:test";
import fc from "fast-check";
import { UserError } from "../../src/core/errors.ts";
import { parseJson } from "../../src/core/json-text.ts";

const problem = (text: string) => {
  try {
    parseJson(text, "config.json");
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return "none";
};

test.each([
  ["", "config.json:1: not JSON: value expected, found the end of the file"],
  ['{\n  "a": 1,\n  "b": \n}', 'config.json:4: not JSON: value expected, found "}"'],
  ['{\n  "a": 1\n  "b": 2\n}', 'config.json:3: not JSON: comma expected, found "\\"b\\": 2"'],
  ['{"a": 1', "config.json:1: not JSON: close brace expected, found the end of the file"],
  ['{"a": NaN}', 'config.json:1: not JSON: invalid symbol, found "NaN}"'],
  ['{"a": 1}\n{"b": 2}', 'config.json:2: not JSON: end of file expected, found "{\\"b\\": 2}"'],
])("%j", (text, message) => {
  expect(problem(text)).toBe(message);
});

test("a text of a hundred thousand brackets is refused like any other, or taken", () => {
  const open = "[".repeat(1e5);
  expect(problem(open)).toStartWith("config.json: ");
  expect(problem(open + "]".repeat(1e5))).toBe("none");
});

test("whatever JSON.parse takes comes through, and nothing else", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(60), (text, at) => {
      expect(parseJson(text, "f")).toEqual(JSON.parse(text));
      const cut = text.slice(0, at);
      let valid = true;
      try {
        JSON.parse(cut);
      } catch {
        valid = false;
      }
      expect(problem(cut) === "none").toBe(valid);
    }),
  );
});
