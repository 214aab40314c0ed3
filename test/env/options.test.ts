import { describe, expect, test } from "bun:test";
import { choice, names, number, text } from "../../src/core/declared.ts";
import { optionName, readOptions, yesOrNo } from "../../src/env/options.ts";
import { optionsOf, WORLD_NAMES } from "../../src/env/worlds.ts";

const OPTIONS = {
  colour: choice(["red", "blue"], "of the walls", { fallback: "blue" }),
  maxTurns: number("N", "turns", { type: "integer", minimum: 1 }),
  price: number("R", "of it", { fallback: 0.5 }),
  kinds: names("KIND,…", "only these", ["big", "small"]),
  files: names("FILE,…", "these"),
  index: text("FILE", "where"),
  loud: yesOrNo("is heard", "no"),
};

test("what is not given has its declared value", () => {
  expect(readOptions("house", OPTIONS, {})).toEqual({
    ...{ colour: "blue", price: 0.5, loud: "no" },
    ...{ maxTurns: undefined, kinds: undefined, files: undefined, index: undefined },
  });
});

test("names are those of the keys in snake_case", () => {
  const given = { colour: "red", max_turns: "7", price: "-1e-2", kinds: "small, big" };
  const chosen = readOptions("house", OPTIONS, { ...given, files: "a.jsonl,b", index: "" });
  expect(chosen).toMatchObject({ colour: "red", maxTurns: 7, price: -0.01 });
  expect(chosen).toMatchObject({ kinds: ["small", "big"], files: ["a.jsonl", "b"], index: "" });
});

describe("refused", () => {
  test.each([
    [{ colour: "green" }, 'option colour: found "green", allowed: "red" or "blue"'],
    [{ max_turns: "0" }, 'option max_turns: found "0", allowed: a whole number ≥ 1'],
    [{ max_turns: "2.5" }, 'option max_turns: found "2.5"'],
    [{ max_turns: "" }, 'option max_turns: found ""'],
    [{ price: "1e999" }, 'option price: found "1e999", allowed: a number'],
    [{ price: "cheap" }, 'option price: found "cheap"'],
    [
      { kinds: "big,huge" },
      'option kinds: found "big,huge", allowed: big, small, several between commas',
    ],
    [{ files: "a,,b" }, 'option files: found "a,,b", allowed: names between commas'],
    [{ loud: "on" }, 'option loud: found "on", allowed: "yes" or "no"'],
    [{ maxTurns: "3" }, 'unknown option "maxTurns" (allowed: colour, max_turns, price'],
  ])("%j", (given, message) => {
    expect(() => readOptions("house", OPTIONS, given)).toThrow(`house: ${message}`);
  });
});

test.each([...WORLD_NAMES])("each option of %s says what it is and what it takes", (world) => {
  for (const [key, { help, placeholder, read }] of Object.entries(optionsOf(world))) {
    expect(optionName(key)).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(help.length).toBeGreaterThan(5);
    expect([typeof placeholder, typeof read]).toEqual(["string", "function"]);
  }
});
