import { describe, expect, test } from "bun:test";
import { choice, list, number, operand, pairs, text, toggle } from "../../src/cli/flags.ts";
import { parseFlags } from "../../src/cli/parse-flags.ts";
import type { UserError } from "../../src/core/errors.ts";

const DECLARED = {
  flags: {
    out: text("DIR", "where to"),
    kPrime: number("K", "sharpness", { fallback: 1, minimum: 0 }),
    episodes: number("N", "how many", { type: "integer", minimum: 1 }),
    scope: choice(["batch", "group"], "over what", { fallback: "batch" }),
    set: list("K=V", "override"),
    option: pairs("K=V", "switch"),
    json: toggle("for machines"),
  },
  operands: { env: operand.one("a world"), files: operand.any("inputs") },
};

const parse = (...args: string[]) => parseFlags("demo", DECLARED, args);

function refusal(...args: string[]): string {
  try {
    parse(...args);
  } catch (error) {
    expect(error).toHaveProperty("name", "UserError");
    const { message, hint } = error as UserError;
    return hint === undefined ? message : `${message} → ${hint}`;
  }
  throw new Error("the arguments were accepted");
}

test("what is not given has its default", () => {
  expect(parse("e")).toEqual({
    out: undefined,
    kPrime: 1,
    episodes: undefined,
    scope: "batch",
    set: [],
    option: {},
    json: false,
    env: "e",
    files: [],
  });
});

test("values stand behind their option or behind =, operands anywhere", () => {
  const parsed = parse(
    "--k-prime",
    "0.5",
    "e",
    "--out=a=b",
    "x",
    "--json",
    "--scope",
    "group",
    "-",
  );
  expect(parsed).toMatchObject({ kPrime: 0.5, out: "a=b", json: true, scope: "group" });
  expect([parsed.env, parsed.files]).toEqual(["e", ["x", "-"]]);
});

test("- and an empty text are values", () => {
  expect(parse("e", "--out", "-").out).toBe("-");
  expect(parse("e", "--out=").out).toBe("");
});

test("repeatable options add up; of equal keys the last wins", () => {
  const parsed = parse("e", "--set", "a=1", "--option", "x=1=2", "--set=b=2", "--option", "x=");
  expect(parsed.set).toEqual(["a=1", "b=2"]);
  expect(parsed.option).toEqual({ x: "" });
});

test("after -- everything is an operand", () => {
  expect(parse("--", "--json", "--out")).toMatchObject({
    env: "--json",
    files: ["--out"],
    json: false,
  });
});

describe("refused", () => {
  test.each([
    [["e", "--episode", "3"], "demo: unknown option --episode → did you mean --episodes?"],
    [["e", "--kprime", "3"], "demo: unknown option --kprime → did you mean --k-prime?"],
    [["e", "--kPrime", "3"], "demo: unknown option --kPrime → did you mean --k-prime?"],
    [["e", "--zzzzzzzz"], "demo: unknown option --zzzzzzzz → empg demo --help lists the options"],
    [["e", "-x"], "demo: unknown option -x → empg demo --help lists the options"],
    [["e", "--toString"], "demo: unknown option --toString → empg demo --help lists the options"],
    [["e", "--out"], "--out: its value DIR is missing"],
    [["e", "--out", "--json"], "--out: its value DIR is missing"],
    [["e", "--json=yes"], '--json: takes no value, found "yes"'],
    [["e", "--out", "a", "--out", "b"], "--out: given twice"],
    [["e", "--episodes", "2.5"], '--episodes: found "2.5", allowed: a whole number ≥ 1'],
    [["e", "--episodes", "0"], '--episodes: found "0", allowed: a whole number ≥ 1'],
    [["e", "--episodes", ""], '--episodes: found "", allowed: a whole number ≥ 1'],
    [["e", "--k-prime", "-1"], '--k-prime: found "-1", allowed: a number ≥ 0'],
    [["e", "--k-prime", "Infinity"], '--k-prime: found "Infinity", allowed: a number ≥ 0'],
    [["e", "--k-prime", "1x"], '--k-prime: found "1x", allowed: a number ≥ 0'],
    [["e", "--scope", "task"], '--scope: found "task", allowed: "batch" or "group"'],
    [["e", "--option", "=3"], '--option: found "=3", allowed: key=value'],
    [[], "demo: ENV is missing → empg demo --help shows how it is used"],
  ])("%j", (args, expected) => expect(refusal(...args)).toBe(expected));

  test("an argument that nobody takes", () => {
    const one = { flags: {}, operands: { file: operand.optional("a file") } };
    expect(() => parseFlags("demo", one, ["a", "b"])).toThrow('demo: unexpected argument "b"');
  });
});
