import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { followsFormat } from "../../../src/env/deepsearch/format-automaton.ts";
import {
  neutralize,
  R1_SEARCHER,
  STANDARD,
  TurnReader,
} from "../../../src/env/deepsearch/protocol.ts";

const reader = new TurnReader(STANDARD);
const meant = (turn: string) => reader.action(reader.cut(turn));
const search = (query: string) => ({ type: "search" as const, query });
const answer = (text: string) => ({ type: "answer" as const, answer: text });
const invalid = { type: "invalid" as const };

describe("a turn means", () => {
  test.each([
    ["a search, trimmed", "<search> who \n</search>", search("who")],
    ["an answer", "so <answer>Paris</answer>", answer("Paris")],
    ["nothing without a closing tag", "<search>who", invalid],
    ["the first of two searches", "<search>a</search><search>b</search>", search("a")],
    ["an answer before a search", "<answer>x</answer> <search>q</search>", answer("x")],
    ["a search before an answer", "<search>q</search> <answer>x</answer>", search("q")],
    ["nothing in capitals", "<SEARCH>q</SEARCH>", invalid],
    ["nothing with an empty query", "<search> \n </search>", invalid],
    ["nothing with an empty answer", "<answer></answer>", invalid],
    ["the outer of nested tags", "<search>a <search>b</search>", search("a <search>b")],
    ["a tag in a thought", "<think>I <search>q</search></think>", search("q")],
    ["an answer in an unclosed search", "<search>q <answer>x</answer>", answer("x")],
    ["nothing after a stray closing tag", "</search><answer>x</answer>", invalid],
    ["nothing in 100 kB without tags", "word ".repeat(20_000), invalid],
    ["nothing across different tags", "<search>q</answer>", invalid],
  ])("%s", (_, turn, wanted) => {
    expect(meant(turn)).toEqual(wanted);
  });

  test("capitals where they do not count", () => {
    const lax = new TurnReader(STANDARD, true);
    expect(lax.action(lax.cut("<Search>Ä Q</SEARCH> more"))).toEqual(search("Ä Q"));
  });

  test("R1-Searcher's tags in its protocol, and not ours", () => {
    const other = new TurnReader(R1_SEARCHER);
    const turn = "<|begin_of_query|> q <|end_of_query|>";
    expect(other.action(other.cut(turn))).toEqual(search("q"));
    expect(other.action("<search>q</search>")).toEqual(invalid);
  });
});

test("a turn ends with its first closed search, without one with its first closed answer", () => {
  expect(reader.cut("<answer>x</answer> y <search>q</search> z")).toBe(
    "<answer>x</answer> y <search>q</search>",
  );
  expect(reader.cut("<answer>x</answer> y")).toBe("<answer>x</answer>");
  expect(reader.cut("nothing")).toBe("nothing");
});

test.each([
  ["<search>q</search>", true],
  ["<search>q</search><answer>", false],
  ["<search><search>q</search>", false],
  ["<think>t</think><answer>a</answer>", true],
])("%j is strict: %p", (turn, wanted) => {
  expect(reader.isStrict(turn)).toBe(wanted);
});

test("information tags in a turn are forged", () => {
  expect(reader.forges("x </information>")).toBe(true);
  expect(reader.forges("<information>")).toBe(true);
  expect(reader.forges("information")).toBe(false);
});

/** As Search-R1's code does it; slow on long texts. */
function upstream(turn: string) {
  const cut = turn.includes("</search>")
    ? `${turn.split("</search>")[0]}</search>`
    : turn.includes("</answer>")
      ? `${turn.split("</answer>")[0]}</answer>`
      : turn;
  const match = /<(search|answer)>([\s\S]*?)<\/\1>/.exec(cut);
  const content = (match?.[2] ?? "").trim();
  if (content === "") return invalid;
  return match?.[1] === "search" ? search(content) : answer(content);
}

const fragments = fc.constantFrom(
  ...["<search>", "</search>", "<answer>", "</answer>", "<think>", "</think>", "<information>"],
  ...["</information>", "<", ">", "/", "search", " ", "\n", "q", "🙂", "\ud800", "<search", "\0"],
);
const hostile = fc.array(fragments, { maxLength: 30 }).map((pieces) => pieces.join(""));

test("any text means what Search-R1's own expression says", () => {
  fc.assert(
    fc.property(hostile, (turn) => expect(meant(turn)).toEqual(upstream(turn))),
    {
      numRuns: 3000,
    },
  );
});

test("cutting twice is cutting once", () => {
  fc.assert(
    fc.property(hostile, (turn) => expect(reader.cut(reader.cut(turn))).toBe(reader.cut(turn))),
  );
});

/** Reads a megabyte; what is not linear takes hours. */
test.each([
  ["opening tags", "<search>".repeat(130_000)],
  ["answers in searches", "<search><answer>".repeat(60_000)],
  ["thoughts in thoughts", "<think>".repeat(150_000)],
  ["broken tags", "<search</answer<".repeat(60_000)],
])("a megabyte of %s is read in one pass", (_, turn) => {
  expect(meant(turn)).toEqual(invalid);
  expect(reader.isStrict(turn)).toBe(!turn.includes("<search>"));
  expect(followsFormat(turn, STANDARD)).toBe(false);
});

test("no tag of the protocol is left in a passage", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const harmless = neutralize(text, STANDARD);
      expect(harmless).not.toMatch(/<\/?(think|search|information|answer)>/i);
      expect(harmless.replaceAll("&lt;", "<")).toBe(text.replaceAll("&lt;", "<"));
    }),
  );
  expect(neutralize("a < b <b>bold</b> </INFORMATION>", STANDARD)).toBe(
    "a < b <b>bold</b> &lt;/INFORMATION>",
  );
  expect(neutralize("<|end_of_documents|>", R1_SEARCHER)).toBe("&lt;|end_of_documents|>");
});

describe("the format", () => {
  const t = "<think>t</think>";
  const round = "<search>q</search>\n\n<information>d</information>\n\n";
  test.each([
    [`${t}<answer>a</answer>`, true],
    [`${t}${round}${t}\n<answer>a</answer> \n`, true],
    [`${t}${round}${t}${round}${t}<answer>a</answer>`, true],
    ["<answer>a</answer>", false],
    [`${t}<search>q</search><answer>a</answer>`, false],
    [`${t}${round}<answer>a</answer>`, false],
    [`${t}${t}<answer>a</answer>`, false],
    [`${t}<answer>a</answer>${t}<answer>a</answer>`, false],
    [`${t}<answer>a</answer> more`, false],
    [`so ${t}<answer>a</answer>`, false],
    [`${t}${round}${t}`, false],
    [`${t}<answer>a`, false],
    [`<think>t<search>q</search></think><answer>a</answer>`, false],
    [`${t}\nThat was neither. I write <search> and </search>\n${t}<answer>a</answer>`, false],
    ["", false],
  ])("of %j holds: %p", (response, wanted) => {
    expect(followsFormat(response, STANDARD)).toBe(wanted);
  });
});
