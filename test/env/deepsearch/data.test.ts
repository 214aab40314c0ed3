import { describe, expect, test } from "bun:test";
import type { Question } from "../../../src/env/deepsearch/question.ts";
import { cutQuestions } from "../../../src/env/deepsearch/splits.ts";
import { DeepSearch } from "../../../src/env/deepsearch/world.ts";
import { withinTime } from "../../../src/rollout/agent.ts";
import { found, StubServer } from "../../retrieval/stub-server.ts";
import { TemporaryDirectory } from "../../support/temporary.ts";
import { answerWith, searchFor } from "./little-world.ts";

const CORPUS = '{"id": "1", "contents": "\\"Ada\\"\\nAda was born in Corin."}\n';
const lines = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");
const row = (id: string, more: object = {}) => ({
  id,
  question: "who?",
  golden_answers: ["Ada"],
  ...more,
});

function directoryOf(files: Readonly<Record<string, string>>): TemporaryDirectory {
  const directory = new TemporaryDirectory();
  for (const [name, content] of Object.entries(files)) directory.file(name, content);
  return directory;
}

async function open(files: Readonly<Record<string, string>>, option: Record<string, string> = {}) {
  using directory = directoryOf(files);
  return await DeepSearch.open({ data: directory.path, option: { format: "text", ...option } });
}

describe("a directory", () => {
  test("gives each split the file of its name", async () => {
    const world = await open({
      ...{ "train.jsonl": lines(row("a")), "dev.json": JSON.stringify([row("b")]) },
      ...{ "test.csv": "id,question,answer\nc,who?,Ada\n", "corpus.jsonl": CORPUS },
    });
    expect(world.splits).toEqual({
      train: ["a"],
      validation: ["b"],
      test: ["c"],
      heldout: ["b", "c"],
    });
  });

  test("with one file of questions is cut into three splits", async () => {
    const rows = Array.from({ length: 400 }, (_, i) => row(`q${i}`));
    const { splits } = await open({ "questions.jsonl": lines(...rows), "corpus.jsonl": CORPUS });
    const sizes = ["train", "validation", "test"].map((name) => splits[name]!.length);
    expect(sizes[0]! + sizes[1]! + sizes[2]!).toBe(400);
    for (const size of sizes.slice(1)) expect(Math.abs(size - 40)).toBeLessThan(20);
  });

  test("whose questions bring their paragraphs needs no corpus", async () => {
    const world = await open({
      "musique_dev.jsonl": "",
      "test.jsonl": lines({
        ...{ id: "m", question: "where was Ada born?", answer: "Corin" },
        paragraphs: [
          { idx: 0, title: "Ada", paragraph_text: "Ada was born in Corin.", is_supporting: true },
          { idx: 1, title: "Bel", paragraph_text: "Bel sings.", is_supporting: false },
        ],
      }),
    });
    const episode = world.start("m", 0);
    await episode.step(searchFor("Ada born"));
    expect(await episode.step(answerWith("Corin"))).toMatchObject({ success: true });
    expect(episode.scores().supporting_recall).toBe(1);
  });

  test("with a corpus takes no notice of the questions' own paragraphs", async () => {
    const hotpot = {
      ...{ _id: "h", question: "who?", answer: "Ada", supporting_facts: [["Ada", 0]] },
      context: [["Ada", ["Other text."]]],
    };
    const world = await open({ "test.json": JSON.stringify([hotpot]), "corpus.jsonl": CORPUS });
    const episode = world.start("h", 0);
    await episode.step(searchFor("Ada"));
    expect([...episode.shown.keys()]).toEqual(["1"]);
    await episode.step(answerWith("Ada"));
    expect(episode.scores()).not.toHaveProperty("supporting_recall");
  });

  describe("with a server in place of a corpus", () => {
    const musique = {
      ...{ id: "m", question: "which river runs by Ada's town?", answer: "Dorn" },
      paragraphs: [
        { idx: 0, title: "Ada", paragraph_text: "Ada was born in Corin.", is_supporting: true },
        { idx: 1, title: "Corin", paragraph_text: "Corin lies on the Dorn.", is_supporting: true },
        { idx: 2, title: "Bel", paragraph_text: "Bel sings.", is_supporting: false },
      ],
    };
    const recallOf = async (question: object, documents: readonly unknown[]) => {
      using server = new StubServer(() => Response.json({ result: [documents] }));
      const files = { "test.jsonl": lines(question) };
      const world = await open(files, { retriever: server.url });
      const episode = world.start(world.splits.test![0]!, 0);
      await episode.step(searchFor("Ada"));
      await episode.step(answerWith("x"));
      return { recall: episode.scores().supporting_recall, episode };
    };

    test.each<[string, readonly unknown[], number]>([
      ["ids of its own", [{ id: 7, contents: '"Ada"\nAda was born in Corin.' }], 0.5],
      ["no ids", ['"Ada"\nAda was born  in Corin.', { title: "corin", text: "A town." }], 1],
      ["other passages", [{ id: 0, contents: '"Bel"\nBel sings.' }, "Ada"], 0],
      ["passages without a title", ["Corin lies on the Dorn.", "\n", '""\nAda'], 0],
    ])("supporting passages are recognised behind %s", async (_, documents, wanted) => {
      expect((await recallOf(musique, documents)).recall).toBe(wanted);
    });

    test("nothing is told of passages that a question only names", async () => {
      const named = row("a", { supporting_ids: ["p1"] });
      const { recall, episode } = await recallOf(named, [{ id: "x", contents: "Ada" }]);
      expect(recall).toBeUndefined();
      expect([...episode.shown.keys()]).toEqual(["x"]);
    });
  });

  test("numbered alike in two files gets names by set; twice in one file is refused", async () => {
    const two = {
      "a.jsonl": lines(row("0", { data_source: "nq" })),
      "b.jsonl": lines(row("0", { data_source: "popqa" })),
    };
    const world = await open({ ...two, "corpus.jsonl": CORPUS }, { questions: "a.jsonl,b.jsonl" });
    expect(Object.values(world.splits).flat().sort()).toContain("popqa/0");
    const twice = lines(row("0"), row("0"), row("0"));
    await expect(open({ "train.jsonl": twice, "corpus.jsonl": CORPUS })).rejects.toThrow(
      'train.jsonl: question id "0" stands twice',
    );
  });

  test.each<[string, Record<string, string>, string]>([
    ["without questions", { "corpus.jsonl": CORPUS }, "no questions"],
    ["with questions in parquet", { "train.parquet": "PAR1" }, "no questions but in parquet"],
    [
      "without a corpus",
      { "test.jsonl": lines(row("a")) },
      "no corpus, and the questions come without paragraphs",
    ],
    [
      "with a broken corpus",
      { "test.jsonl": lines(row("a")), "corpus.jsonl": "x" },
      "corpus.jsonl:1: not JSON",
    ],
  ])("%s is refused", async (_, files, message) => {
    await expect(open(files)).rejects.toThrow(message);
  });

  test("that is not there, or a file, is refused", async () => {
    await expect(DeepSearch.open({ data: "/nowhere" })).rejects.toThrow("/nowhere: cannot read");
    await expect(DeepSearch.open({ data: import.meta.path })).rejects.toThrow("is not a directory");
  });

  test("with a server that fails says once why", async () => {
    using server = new StubServer(() => new Response("", { status: 404 }));
    using directory = directoryOf({ "test.jsonl": lines(row("a")) });
    const notes: string[] = [];
    const world = await DeepSearch.open({
      ...{ data: directory.path, option: { format: "text", retriever: server.url } },
      note: (line) => notes.push(line),
    });
    const episode = world.start("a", 0);
    for (const query of ["one", "two"]) await episode.step(searchFor(query));
    expect(notes).toEqual([
      `deepsearch: a search failed: ${server.url}: status 404; further ones are counted as retriever_errors`,
    ]);
  });

  test("with a server that never answers has failed before whoever plays gives the turn up", async () => {
    using server = new StubServer(() => new Promise<Response>(() => {}));
    using directory = directoryOf({ "test.jsonl": lines(row("a")) });
    const timeoutMs = 1500;
    const world = await DeepSearch.open({
      ...{ data: directory.path, option: { format: "text", retriever: server.url }, timeoutMs },
    });
    const episode = world.start("a", 0);
    const outcome = await withinTime(episode.step(searchFor("one")), 2 * timeoutMs);
    expect(outcome).toMatchObject({ valid: true, end: null });
    expect(episode.info!.retrieverError).toContain("the 1350 ms that a search may take");
  });

  test("with a server needs no corpus; all searches of a turn go there in one request", async () => {
    using server = new StubServer((asked) => found(asked));
    const rows = Array.from({ length: 8 }, (_, i) => row(`q${i}`));
    const world = await open(
      { "test.jsonl": lines(...rows) },
      { retriever: server.url.replace("/retrieve", "") },
    );
    const episodes = world.splits.test!.map((task) => world.start(task, 0));
    const told = await Promise.all(episodes.map((one, i) => one.step(searchFor(`about ${i % 4}`))));
    expect(server.asked).toEqual([
      {
        path: "/retrieve",
        body: {
          queries: ["about 0", "about 1", "about 2", "about 3"],
          topk: 3,
          return_scores: true,
        },
      },
    ]);
    told.forEach(({ observation }, i) => {
      expect(observation).toStartWith(`\n\n<information>Doc 1(Title: "T about ${i % 4}") text 0`);
    });
    // Who has ended asks nobody; what was asked once is known.
    await Promise.all(
      episodes.map((one, i) => one.step(i < 4 ? answerWith("x") : searchFor("about 1"))),
    );
    expect(server.asked).toHaveLength(1);
  });
});

describe("cutting questions", () => {
  const question = (id: string, supporting: string[], answerPassages: string[] = []): Question => ({
    ...{ id, source: "s", question: "q", accepted: ["a"], steps: [], answerPassages },
    supporting: supporting.map((one) => [one]),
  });
  const shares = { validation: 0.2, test: 0.2 };
  const sideOf = (cut: ReturnType<typeof cutQuestions>, id: string) =>
    Object.entries(cut).find(([, list]) => list.some((one) => one.id === id))?.[0];

  test("keeps together what shares a passage, over any number of questions between", () => {
    const chain = Array.from({ length: 60 }, (_, i) => question(`c${i}`, [`p${i}`, `p${i + 1}`]));
    const distant = Array.from({ length: 60 }, (_, i) => question(`d${i}`, [], ["shared"]));
    const single = Array.from({ length: 200 }, (_, i) => question(`s${i}`, [`own${i}`]));
    const cut = cutQuestions([...chain, ...single, ...distant], shares);
    expect(new Set(chain.map(({ id }) => sideOf(cut, id))).size).toBe(1);
    expect(new Set(distant.map(({ id }) => sideOf(cut, id))).size).toBe(1);
    expect(new Set(single.map(({ id }) => sideOf(cut, id))).size).toBe(3);
  });

  test("moves no question when unrelated ones are added or the order changes", () => {
    const some = Array.from({ length: 100 }, (_, i) => question(`s${i}`, [`own${i}`]));
    const before = cutQuestions(some, shares);
    const more = [
      ...some.toReversed(),
      ...Array.from({ length: 50 }, (_, i) => question(`t${i}`, [`other${i}`])),
    ];
    const after = cutQuestions(more, shares);
    for (const { id } of some) expect([id, sideOf(after, id)]).toEqual([id, sideOf(before, id)]);
  });
});
