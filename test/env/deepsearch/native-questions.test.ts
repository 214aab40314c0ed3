import { describe, expect, test } from "bun:test";
import { UserError } from "../../../src/core/errors.ts";
import type { QuestionRecord } from "../../../src/env/deepsearch/native-questions.ts";
import { readQuestions } from "../../../src/env/deepsearch/read-questions.ts";
import { TemporaryDirectory } from "../../support/temporary.ts";

async function read(name: string, content: string | Uint8Array): Promise<QuestionRecord[]> {
  using directory = new TemporaryDirectory();
  return await Array.fromAsync(readQuestions(directory.file(name, content)));
}

const lines = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");

/** What of a question most sets have. */
async function short(name: string, content: string) {
  const records = await read(name, content);
  return records.map(({ question: { id, source, question, accepted } }) => [
    id,
    source,
    question,
    ...accepted,
  ]);
}

const prompt = (question: string) => [
  {
    role: "user",
    content: `Answer the given question. Example: Question: none. Question: ${question}\n`,
  },
];
const search = (target: unknown, more: object = {}) => ({
  ...{ data_source: "nq", ability: "fact-reasoning", extra_info: { split: "test", index: 4 } },
  reward_model: { style: "rule", ground_truth: { target } },
  ...more,
});

describe("each set in its own form, two records each", () => {
  test.each<[string, string, string, unknown[][]]>([
    [
      "FlashRAG's and ours",
      "nq_test.jsonl",
      lines(
        { id: "test_0", question: "who?", golden_answers: ["A", "B", "A", " "], metadata: {} },
        { id: 7, question: " where ", golden_answers: [" C "] },
      ),
      [
        ["test_0", "nq", "who?", "A", "B"],
        ["7", "nq", "where", "C"],
      ],
    ],
    [
      "Search-R1's, the question in the row or in its prompt",
      "test.jsonl",
      lines(
        { id: "x", question: "who?", golden_answers: ["A"], ...search(["Z"]) },
        { prompt: prompt("where?"), ...search(["C", "D"]) },
      ),
      [
        ["x", "nq", "who?", "A"],
        ["nq-4", "nq", "where?", "C", "D"],
      ],
    ],
    [
      "verl-agent's",
      "test.json",
      JSON.stringify([
        {
          id: 1,
          env_kwargs: { question: "who?", data_source: "popqa", ground_truth: { target: ["A"] } },
        },
        { id: 2, env_kwargs: { question: "where?", data_source: "nq", ground_truth: ["C"] } },
      ]),
      [
        ["1", "popqa", "who?", "A"],
        ["2", "nq", "where?", "C"],
      ],
    ],
    [
      "SkyRL's",
      "validation.jsonl",
      lines(
        {
          env_class: "search",
          prompt: prompt("who?"),
          ...search([], {
            reward_spec: { ground_truth: { target: "A" } },
            reward_model: undefined,
          }),
        },
        {
          id: 2,
          data_source: "musique",
          prompt: prompt("where?"),
          reward_spec: { ground_truth: { target: ["C"] } },
        },
      ),
      [
        ["nq-4", "nq", "who?", "A"],
        ["2", "musique", "where?", "C"],
      ],
    ],
    [
      "DeepResearcher's alternatives in one text",
      "dev.jsonl",
      lines(
        {
          id: 1,
          ...search([]),
          question: "who?",
          reward_model: { ground_truth: "A<|answer_split|>B" },
        },
        { id: 2, ...search([]), question: "where?", reward_model: { ground_truth: "C" } },
      ),
      [
        ["1", "nq", "who?", "A", "B"],
        ["2", "nq", "where?", "C"],
      ],
    ],
    [
      "NQ",
      "NQ-open.dev.jsonl",
      lines({ question: "who?", answer: ["A", "B"] }, { question: "where?", answer: ["C"] }),
      [
        ["NQ-open.dev-1", "nq", "who?", "A", "B"],
        ["NQ-open.dev-2", "nq", "where?", "C"],
      ],
    ],
    [
      "TriviaQA",
      "unfiltered-web-dev.json",
      JSON.stringify({
        Version: 1,
        Data: [
          {
            ...{ Question: "who?", QuestionId: "tc_1" },
            Answer: {
              Value: "A",
              NormalizedValue: "a",
              Aliases: ["A", "B"],
              NormalizedAliases: ["b"],
            },
          },
          { Question: "where?", QuestionId: "tc_2", Answer: { Value: "C", Aliases: [] } },
        ],
      }),
      [
        ["tc_1", "triviaqa", "who?", "A", "B"],
        ["tc_2", "triviaqa", "where?", "C"],
      ],
    ],
    [
      "PopQA",
      "popQA.tsv",
      'id\tsubj\tprop\tobj\ts_pop\to_pop\tquestion\tpossible_answers\n1\tx\ty\tz\t3\t4\twho?\t"[""A"", ""B \\""b\\""""]"\n' +
        '2\tx\ty\tz\t3\t4\twhere?\t["C"]\n',
      [
        ["1", "popqa", "who?", "A", 'B "b"'],
        ["2", "popqa", "where?", "C"],
      ],
    ],
    [
      "Bamboogle as a table",
      "Bamboogle Prerelease - Sheet1.csv",
      'Question,Answer\r\n"who, when\nand ""why""?",A\r\nwhere?,"C, D"\r\n',
      [
        ["Bamboogle Prerelease - Sheet1-1", "bamboogle", 'who, when\nand "why"?', "A"],
        ["Bamboogle Prerelease - Sheet1-2", "bamboogle", "where?", "C, D"],
      ],
    ],
    [
      "Bamboogle as JSON",
      "bamboogle.json",
      JSON.stringify([
        { Question: "who?", Answer: "A" },
        { Question: "when?", Answer: 1912 },
      ]),
      [
        ["bamboogle-1", "bamboogle", "who?", "A"],
        ["bamboogle-2", "bamboogle", "when?", "1912"],
      ],
    ],
    [
      "StrategyQA",
      "strategyqa_dev.json",
      JSON.stringify([
        {
          qid: "a1",
          question: "is it?",
          answer: true,
          decomposition: ["one?", "#1?"],
          evidence: [[["T-1"]]],
        },
        { qid: "a2", question: "was it?", answer: false, decomposition: [] },
      ]),
      [
        ["a1", "strategyqa", "is it?", "yes"],
        ["a2", "strategyqa", "was it?", "no"],
      ],
    ],
  ])("%s", async (_, name, content, wanted) => {
    expect(await short(name, content)).toEqual(wanted as never);
  });
});

describe("corners of each form", () => {
  test.each<[string, string, string, unknown[][]]>([
    [
      "FlashRAG's: numbers, truth values, an answer alone, an empty id",
      "x.jsonl",
      lines(
        { id: "", question: "when?", golden_answers: [1912, 2.5, true, false] },
        { id: 0, question: "who?", golden_answers: "A" },
      ),
      [
        ["x-1", "x", "when?", "1912", "2.5", "yes", "no"],
        ["0", "x", "who?", "A"],
      ],
    ],
    [
      "FlashRAG's as a table: lists in JSON, or an answer alone",
      "x.csv",
      '\ufeff id , question,golden_answers\r\n1,who?,"[""A"", 7]"\r\n2,where?,"C, D"\r\n',
      [
        ["1", "x", "who?", "A", "7"],
        ["2", "x", "where?", "C, D"],
      ],
    ],
    [
      "Search-R1's: an empty list beside the target, numbers in it",
      "x.jsonl",
      lines(
        { id: 1, question: "when?", golden_answers: [], ...search([1912, "in 1912"]) },
        { id: 2, question: "is it?", ...search(true) },
      ),
      [
        ["1", "nq", "when?", "1912", "in 1912"],
        ["2", "nq", "is it?", "yes"],
      ],
    ],
    [
      "NQ: numbers, and a list-like text that is an answer",
      "nq.jsonl",
      lines({ question: "when?", answer: [1912, " "] }, { question: "what?", answer: "[sic]" }),
      [
        ["nq-1", "nq", "when?", "1912"],
        ["nq-2", "nq", "what?", "[sic]"],
      ],
    ],
    [
      "TriviaQA in the form of Hugging Face",
      "rc.jsonl",
      lines(
        { question: "who?", question_id: "tc_1", answer: { value: "A", aliases: ["A", "B"] } },
        { question: "when?", question_id: "tc_2", answer: { value: "1912", aliases: [] } },
      ),
      [
        ["tc_1", "triviaqa", "who?", "A", "B"],
        ["tc_2", "triviaqa", "when?", "1912"],
      ],
    ],
    [
      "PopQA: quotes that are part of a text, doubled in quotes, never closed; numbers",
      "popQA.tsv",
      'id\tquestion\tpossible_answers\n1\t"Heroes" is whose?\t["A"]\n2\t"Who said ""no""?"\t["B", 7]\r\n' +
        '3\t"so?\t["C"]\n4\twho is 5" tall?\t"[""D""]"\n5\t"a\tb"\t["E"]',
      [
        ["1", "popqa", '"Heroes" is whose?', "A"],
        ["2", "popqa", 'Who said "no"?', "B", "7"],
        ["3", "popqa", '"so?', "C"],
        ["4", "popqa", 'who is 5" tall?', "D"],
        ["5", "popqa", "a\tb", "E"],
      ],
    ],
    [
      "PopQA as JSON, with a list that is one",
      "popqa.json",
      JSON.stringify([{ id: 1, question: "who?", possible_answers: ["A", "B"] }]),
      [["1", "popqa", "who?", "A", "B"]],
    ],
    [
      "Bamboogle: a quote at the end of the file, empty lines",
      "bamboogle.csv",
      'Question,Answer\n\n"who?","A"\n\nwhere?,"C"',
      [
        ["bamboogle-1", "bamboogle", "who?", "A"],
        ["bamboogle-2", "bamboogle", "where?", "C"],
      ],
    ],
  ])("%s", async (_, name, content, wanted) => {
    expect(await short(name, content)).toEqual(wanted as never);
  });

  test("2WikiMultihopQA without its evidences is known by its file, in which sentences lack their spaces", async () => {
    const row = {
      ...{ _id: "w", question: "q", answer: "a", type: "comparison" },
      ...{ supporting_facts: [["One", 0]], context: [["One", ["First.", "Second."]]] },
    };
    const [wiki] = await read("2wikimultihopqa_dev.json", JSON.stringify([row]));
    expect(wiki!.question.source).toBe("2wikimultihopqa");
    expect(wiki!.passages[0]!.contents).toBe('"One"\nFirst. Second.');
  });

  test("HotpotQA: a fact of a page that did not come is left out", async () => {
    const row = {
      ...{ _id: "h", question: "q", answer: "yes", supporting_facts: [["Gone", 0], ["One", 9], 7] },
      context: [["One", ["First."]], ["Two"], "three"],
    };
    const [{ question, passages }] = (await read("hotpot.json", JSON.stringify([row]))) as [
      QuestionRecord,
    ];
    expect(passages.map(({ contents }) => contents)).toEqual(['"One"\nFirst.', '"Two"\n']);
    expect(question.supporting).toEqual([[passages[0]!.id]]);
  });

  test.each<[string, readonly (number | undefined)[]]>([
    ["by the numbers that paragraphs have", [2, 1, 0]],
    ["by their places where they have none", [undefined, undefined, undefined]],
  ])("MuSiQue's steps point at paragraphs %s, and may point at none", async (_, numbers) => {
    const musique = {
      ...{ id: "2hop", question: "q", answer: 7, answer_aliases: ["seven"], answerable: true },
      paragraphs: ["One", "Two", "Three"].map((title, i) => ({
        ...{ idx: numbers[i], title, paragraph_text: title, is_supporting: i !== 1 },
      })),
      question_decomposition: [
        { question: "a", answer: 3, paragraph_support_idx: numbers[2] ?? 2 },
        { question: "b", answer: "B", paragraph_support_idx: numbers[0] ?? 0 },
        { question: "c", answer: "C", paragraph_support_idx: null },
        { question: "d", answer: "D", paragraph_support_idx: 77 },
      ],
    };
    const [{ question, passages }] = (await read("musique.jsonl", lines(musique))) as [
      QuestionRecord,
    ];
    expect(question.accepted).toEqual(["7", "seven"]);
    expect(question.steps).toEqual([
      { query: "a", answer: "3", passages: [passages[2]!.id] },
      { query: "b", answer: "B", passages: [passages[0]!.id] },
      { query: "c", answer: "C" },
      { query: "d", answer: "D" },
    ]);
  });
});

describe("paragraphs that come with a question", () => {
  const contents = ({ passages }: QuestionRecord) => passages.map((passage) => passage.contents);
  const needed = ({ passages, question }: QuestionRecord) =>
    question.supporting.map(([id]) => passages.findIndex((passage) => passage.id === id));

  const hotpot = {
    ...{ _id: "h", question: "q", answer: "a", type: "bridge", level: "hard" },
    supporting_facts: [
      ["Two", 0],
      ["One", 1],
      ["Two", 1],
    ],
    context: [
      ["One", ["First.", " Second."]],
      ["Two", ["Third."]],
      ["Three", []],
    ],
  };
  const hugging = {
    ...{ id: "g", question: "q", answer: "a", type: "comparison" },
    supporting_facts: { title: ["Two", "One"], sent_id: [0, 1] },
    context: { title: ["One", "Two"], sentences: [["First.", " Second."], ["Third."]] },
  };

  test("HotpotQA: sentences carry their spaces, facts name titles; in both layouts", async () => {
    const records = await read("hotpot_dev.json", JSON.stringify([hotpot, hugging]));
    expect(records.map(({ question }) => [question.id, question.source])).toEqual([
      ["h", "hotpotqa"],
      ["g", "hotpotqa"],
    ]);
    expect(contents(records[0]!)).toEqual(['"One"\nFirst. Second.', '"Two"\nThird.', '"Three"\n']);
    expect(records.map(needed)).toEqual([
      [1, 0],
      [1, 0],
    ]);
    // A paragraph of several questions is one passage.
    expect(records[1]!.passages.map(({ id }) => id)).toEqual(
      records[0]!.passages.slice(0, 2).map(({ id }) => id),
    );
  });

  test("2WikiMultihopQA: sentences are joined with a space", async () => {
    const wiki = {
      ...{ ...hotpot, _id: "w1", type: "compositional" },
      ...{
        evidences: [["s", "r", "o"]],
        entity_ids: "Q1_Q2",
        context: [
          ["One", ["First.", "Second."]],
          ["Two", ["Third."]],
        ],
      },
    };
    const records = await read("dev.json", JSON.stringify([wiki, { ...wiki, _id: "w2" }]));
    expect(records[1]!.question).toMatchObject({ id: "w2", source: "2wikimultihopqa" });
    expect(contents(records[0]!)).toEqual(['"One"\nFirst. Second.', '"Two"\nThird.']);
    expect(needed(records[0]!)).toEqual([1, 0]);
  });

  test("MuSiQue: paragraphs, steps that point at them, aliases; the unanswerable are left out", async () => {
    const musique = {
      ...{
        id: "2hop__1_2",
        question: "q",
        answer: "A",
        answer_aliases: ["AA", "A"],
        answerable: true,
      },
      paragraphs: [
        { idx: 0, title: "One", paragraph_text: "first", is_supporting: true },
        { idx: 1, title: "Two", paragraph_text: "second", is_supporting: false },
        { idx: 2, title: "Three", paragraph_text: "third", is_supporting: true },
      ],
      question_decomposition: [
        { id: 1, question: "one >> of", answer: "B", paragraph_support_idx: 2 },
        { id: 2, question: "#1 >> in", answer: "A", paragraph_support_idx: 0 },
      ],
    };
    const records = await read(
      "musique_ans_v1.0_dev.jsonl",
      lines(musique, { ...musique, id: "3hop", answerable: false }, { ...musique, id: "4hop1" }),
    );
    expect(records.map(({ question }) => question.id)).toEqual(["2hop__1_2", "4hop1"]);
    const [{ question, passages }] = records as [QuestionRecord, ...QuestionRecord[]];
    expect(question).toMatchObject({ source: "musique", accepted: ["A", "AA"] });
    expect(contents(records[0]!)).toEqual(['"One"\nfirst', '"Two"\nsecond', '"Three"\nthird']);
    expect(needed(records[0]!)).toEqual([0, 2]);
    expect(question.steps).toEqual([
      { query: "one >> of", answer: "B", passages: [passages[2]!.id] },
      { query: "#1 >> in", answer: "A", passages: [passages[0]!.id] },
    ]);
  });

  test("StrategyQA's steps, and ours with the ids of a corpus", async () => {
    const [strategy] = await read(
      "s.json",
      JSON.stringify([{ qid: "a", question: "q", answer: true, decomposition: ["one?", "#1?"] }]),
    );
    expect(strategy!.question.steps).toEqual([{ query: "one?" }, { query: "#1?" }]);
    const own = {
      ...{
        id: "o",
        data_source: "musique",
        question: "q",
        golden_answers: ["a"],
        supporting_ids: ["4", "2"],
      },
      ...{ answer_ids: ["9"], decomposition: [{ question: "x", answer: "y", support_id: "4" }] },
    };
    const [ours] = await read("qa.jsonl", lines(own));
    expect(ours!.question).toMatchObject({
      ...{ supporting: [["4"], ["2"]], answerPassages: ["9"] },
      steps: [{ query: "x", answer: "y", passages: ["4"] }],
    });
  });
});

describe("what is no question is told with file and line", () => {
  const good = lines({ question: "who?", golden_answers: ["A"] });
  test.each([
    ["a.jsonl", `${good}\n\n{"question"`, "a.jsonl:3: not JSON"],
    ["a.jsonl", `${good}\n7`, "a.jsonl:2: found 7, allowed: an object"],
    [
      "a.jsonl",
      `${good}\n{"golden_answers": ["A"]}`,
      "a.jsonl:2: question: found nothing, allowed: a text",
    ],
    [
      "a.jsonl",
      `${good}\n{"question": "  ", "golden_answers": ["A"]}`,
      "a.jsonl:2: question: found nothing",
    ],
    ["a.jsonl", `${good}\n{"question": "q"}`, "a.jsonl:2: no answer (looked for"],
    [
      "a.jsonl",
      `${good}\n{"question": "q", "golden_answers": [" ", null, {}, 1e999]}`,
      "a.jsonl:2: no answer",
    ],
    ["a.csv", "question,golden_answers\nq,\"['A']\"\n", "a.csv:2: no answer"],
    ["a.tsv", 'question\tanswer\nq\t"a\nb"\n', "a.tsv:3: found 1 fields, the header has 2"],
    [
      "a.jsonl",
      `${good}\n{"question": "q", "possible_answers": "[broken"}`,
      "a.jsonl:2: no answer",
    ],
    ["a.json", `[${good}, {"question": "q"}]`, "a.json: record 2: no answer"],
    ["a.json", '{"Data": 7}', "a.json: expected a list of questions"],
    ["a.json", "[", "a.json:1"],
    ["a.csv", 'Question,Answer\nq,a\n"q\nr"\n', "a.csv:3: found 1 fields, the header has 2"],
    ["a.csv", 'Question,Answer\nq,"a\n', "a.csv:2: a quote is never closed"],
    ["a.tsv", "question\tpossible_answers\nq\t[]\n", "a.tsv:2: no answer"],
    ["a.parquet", "PAR1", "a.parquet: parquet is not read"],
    ["a.jsonl.gz", good, "a.jsonl.gz: is cut off or not compressed as it says"],
  ])("%s: %j", async (name, content, message) => {
    const error = await read(name, content).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message.replace(/^.*?\/(?=[^/]*: )/s, "")).toContain(message);
  });
});

test("a compressed list is read as well", async () => {
  const content = JSON.stringify([{ question: "who?", golden_answers: ["A"] }]);
  const [record] = await read("hotpot_x.json.gz", Bun.gzipSync(Buffer.from(content)));
  expect(record!.question).toMatchObject({ source: "hotpotqa", accepted: ["A"] });
});
