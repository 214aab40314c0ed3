import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseAction } from "../../../src/env/webshop/action.ts";

test.each([
  ["click[a]", "click", "a"],
  ["click[a]b", "click", "a"],
  ["search[Red [x]", "search[Red ", "x"],
  ["click[a] click[b]", "click[a] click", "b"],
  ["click[a [b]]", "click[a ", "b]"],
  [" click[a]", " click", "a"],
  ["Search[A]", "Search", "a"],
  ["click[a]\n[b]", "click", "a"],
  ['click[28" X 28"]', "click", '28" x 28"'],
  ["click[a]]", "click", "a]"],
])("%p is the name %p with the argument %p", (text, name, argument) => {
  expect(parseAction(text)).toEqual({ name, argument });
});

test.each(["", "search", "search[]", "[a]", "click[a", "click a]", "\nclick[a]", "click[\n]"])(
  "%p is a name and no more",
  (text) => {
    expect(parseAction(text)).toEqual({ name: text });
  },
);

test("reads any text as the pattern (.+)[(.+)] does from its start", () => {
  const text = fc.string({ unit: fc.constantFrom("[", "]", "a", "B", " ", "\n"), maxLength: 12 });
  fc.assert(
    fc.property(text, (action) => {
      // Python's dot leaves out the line feed alone, as [^\n] does.
      const match = /^([^\n]+)\[([^\n]+)\]/.exec(action);
      const [, name, argument] = match ?? [];
      expect(parseAction(action)).toEqual(
        name === undefined || argument === undefined
          ? { name: action }
          : { name, argument: argument.toLowerCase() },
      );
    }),
    { numRuns: 2000 },
  );
});
