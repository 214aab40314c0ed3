import { describe, expect, test } from "bun:test";
import { R1_SEARCHER, STANDARD } from "../../../src/env/deepsearch/protocol.ts";
import { type Ended, REWARDS } from "../../../src/env/deepsearch/rewards.ts";
import { NO_SHAPING, shapingOf } from "../../../src/env/deepsearch/shaping.ts";

const OPTIONS = { structureFormatScore: 0.2, finalFormatScore: 0.1, retrievalScore: 0.05 };
const T = "<think>t</think>";
const S = "<search>q</search>";
const INFO = "<information>It is Paris.</information>";

/** An episode from its turns and what was answered to each. */
function ended(
  turns: readonly string[],
  replies: readonly string[],
  more: Partial<Ended> = {},
): Ended {
  const answer = /<answer>(.+?)<\/answer>$/.exec(turns.at(-1) ?? "")?.[1];
  return {
    accepted: ["Paris"],
    answer,
    response: turns.map((turn, i) => turn + (replies[i] ?? "")).join(""),
    turns,
    information: replies.filter((reply) => reply.includes("<information>")),
    searches: replies.filter((reply) => reply.includes("<information>")).length,
    allValid: true,
    ...{ forged: false, contextFull: false, protocol: STANDARD },
    ...more,
  };
}

const right = ended([T + S, `${T}<answer>Paris</answer>`], [INFO]);
const wrong = ended([T + S, `${T}<answer>the Rome</answer>`], [INFO]);
const half = ended([T + S, `${T}<answer>Paris France</answer>`], [INFO]);
const unformed = ended([`<answer>Paris</answer>`], []);
const unformedWrong = ended([`<answer>Rome</answer>`], []);
const silent = ended([T + S, T], [INFO]);
const afterNotice = ended(
  ["what?", T + S, `${T}<answer>Paris</answer>`],
  ["\nThat was neither. I write <search> and </search>.\n", INFO],
  { allValid: false },
);
const afterEmptyQuery = ended(
  [`${T}<search> </search>`, `${T}<answer>Paris</answer>`],
  ["\n\n<information></information>\n\n"],
  { allValid: false, information: [], searches: 0 },
);
const forged = ended(
  [`${T}<information></information>${S}`, `${T}<answer>Paris</answer>`],
  [INFO],
  {
    forged: true,
  },
);
const unbalanced = ended([`<think>${S}`, `${T}<answer>Paris</answer>`], [INFO]);
const full = ended([T + S], [INFO], { contextFull: true });
const wrongUnread = ended(
  [T + S, `${T}<answer>Rome</answer>`],
  ["<information>Oslo</information>"],
);

describe("rewards, every row of their tables", () => {
  test.each<[string, string, Ended, number]>([
    ["em", "right", right, 1],
    ["em", "half right", half, 0],
    ["em", "without an answer", silent, 0],
    ["subem", "half right", half, 1],
    ["subem", "wrong", wrong, 0],
    ["subem", "without an answer", silent, 0],
    ["f1", "half right", half, 2 / 3],
    ["f1", "without an answer", silent, 0],

    ["search-r1-format", "right, in form", right, 1],
    ["search-r1-format", "right, out of form", unformed, 0.8],
    ["search-r1-format", "right after an invalid turn", afterNotice, 0.8],
    ["search-r1-format", "right, with a forged tag", forged, 0.8],
    ["search-r1-format", "wrong, in form, the answer was shown", wrong, 0.25],
    ["search-r1-format", "wrong, in form, the answer was not shown", wrongUnread, 0.2],
    ["search-r1-format", "right after an empty query, in form but for it", afterEmptyQuery, 0.8],
    ["search-r1-format", "wrong, out of form", unformedWrong, 0.1],
    ["search-r1-format", "without an answer, out of form", silent, 0],

    ["deepresearcher", "right", right, 1],
    ["deepresearcher", "half right", half, 2 / 3],
    ["deepresearcher", "without an answer", silent, -1],
    ["deepresearcher", "tags unbalanced", unbalanced, -1],
    ["deepresearcher", "with a forged tag", forged, -1],
    // Articles stay and words count once: {the, rome} and {paris}.
    ["deepresearcher", "wrong", wrong, 0],

    ["asearcher", "half right", half, 2 / 3],
    ["asearcher", "right after an invalid turn", afterNotice, 0],
    ["asearcher", "right, with a forged tag", forged, 0],
    ["asearcher", "without an answer", silent, 0],

    ["tinker", "right, in form", right, 1],
    ["tinker", "right after an invalid turn", afterNotice, 0.9],
    ["tinker", "wrong, in form", wrong, 0],
    ["tinker", "without an answer", silent, -0.1],
    ["tinker", "with a forged tag", forged, 0.9],
    ["tinker", "the context was full", full, -0.1],
  ])("%s: %s", (name, _, episode, wanted) => {
    expect(REWARDS[name]!(episode, OPTIONS)).toBeCloseTo(wanted, 12);
  });

  test("an answer that is missing though the form holds earns the structure score", () => {
    const empty = { ...right, answer: undefined };
    expect(REWARDS["search-r1-format"]!(empty, OPTIONS)).toBeCloseTo(0.25, 12);
  });
});

describe("R1-Searcher's two stages", () => {
  const query = "<|begin_of_query|>q<|end_of_query|>";
  const documents = "<|begin_of_documents|>It is Paris.<|end_of_documents|>";
  const r1 = (turns: string[], replies: string[], more: Partial<Ended> = {}) =>
    ended(turns, replies, { protocol: R1_SEARCHER, searches: replies.length, ...more });
  const whole = r1([`<think>t ${query}`, "so</think><answer>in Paris</answer>"], [documents]);
  const unsearched = r1(["<think>t</think><answer>in Paris</answer>"], []);
  const open = r1(
    [`<think>t <|begin_of_query|>${query}`, "so</think><answer>Paris</answer>"],
    [documents],
  );
  const twice = r1([`${T}${query}`, `${T}<answer>Paris</answer>`], [documents]);

  test.each<[string, Ended, number, number]>([
    ["right in every form", whole, 2, 2 / 3],
    ["right without a search", unsearched, 1.5, 2 / 3],
    ["right, a query tag never closed", open, 1.5, -1],
    ["right, thoughts closed twice", twice, 1.5, -1],
    ["wrong", { ...whole, answer: "Rome" }, 0, 0],
    ["without an answer", r1([`<think>${query}`], [documents]), -0.5, -2],
    ["with a forged tag", { ...whole, forged: true }, 1, 2 / 3 - 2],
  ])("%s", (_, episode, first, second) => {
    expect(REWARDS["r1-searcher"]!(episode, OPTIONS)).toBeCloseTo(first, 12);
    expect(REWARDS["r1-searcher-2"]!(episode, OPTIONS)).toBeCloseTo(second, 12);
  });
});

describe("shaping", () => {
  test("is nothing unless asked for", () => {
    expect(shapingOf(right, "q?", NO_SHAPING)).toBe(0);
  });

  test.each<[string, Ended, object, number]>([
    ["searches cost", right, { searchCost: 0.1 }, -0.1],
    ["an answer that was shown", right, { retrievalBonus: 0.3 }, 0.3],
    ["an answer that was not", wrongUnread, { retrievalBonus: 0.3 }, 0],
    [
      "eleven words",
      { ...right, answer: "a ".repeat(10).concat("a") },
      { longAnswerPenalty: 1 },
      -1,
    ],
    ["ten words", { ...right, answer: "a ".repeat(9).concat("a") }, { longAnswerPenalty: 1 }, 0],
    ["another script", { ...right, turns: ["<answer>巴黎</answer>"] }, { scriptPenalty: 1 }, -1],
    [
      "another script that a passage has",
      { ...right, turns: ["巴黎"], information: ["Paris (巴黎)"] },
      { scriptPenalty: 1 },
      0,
    ],
    ["accents", { ...right, turns: ["<answer>Zoë</answer>"] }, { scriptPenalty: 1 }, 0],
  ])("%s", (_, episode, some, wanted) => {
    expect(shapingOf(episode, "Which?", { ...NO_SHAPING, ...some })).toBeCloseTo(wanted, 12);
  });
});
