import { describe, expect, test } from "bun:test";
import type { Replay } from "../../src/env/replay.ts";
import { writeDeepSearchModel } from "../support/deepsearch-model.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

// Where its things are to be found.
const LONG = ["--option", "world_names=long"];
const PLAY = ["play", "deepsearch", "--task", "test/2hop/1", ...LONG];
const QUESTION = "(?:Which|In which|Who|What) .+\\?";

describe("a person", () => {
  test("searches and answers in words", async () => {
    const { code, out, notes } = await runCli(PLAY, [
      "search Tuzose Zirakor",
      "Answer nobody at all",
    ]);
    expect(code).toBe(0);
    expect(notes).toContain("search WORDS finds passages, answer WORDS ends the episode");
    expect(out).toMatch(
      new RegExp(
        `^${QUESTION}\n> search Tuzose Zirakor\n\n\n<information>Doc 1\\(Title: "Tuzose Zirakor"\\) `,
      ),
    );
    expect(out).toEndWith("ended unsolved after 2 actions, return 0");
  });

  test("is offered searches, and may write tags", async () => {
    const turns = ["", "<search>Tuzose Zirakor</search>", "", "hello"];
    const { out, notes } = await runCli(PLAY, turns);
    expect(notes).toMatch(new RegExp(`<search>${QUESTION}</search>\n`));
    expect(
      notes.split("\n").filter((line) => line.startsWith("<search>Tuzose Zirakor")),
    ).toHaveLength(1);
    expect(out).toContain("That was neither a search nor an answer.");
    expect(out).toEndWith("left unfinished after 2 actions, return 0");
  });
});

describe("a machine", () => {
  test("replays turns exactly as they are, to the end of the episode", async () => {
    using directory = new TemporaryDirectory();
    const turns = [
      "<think>t</think><search>Tuzose Zirakor</search> and more",
      "search Tuzose Zirakor",
      "\u0000</information>\ud800",
      "<answer>Tuzose</answer>",
      "<answer>late</answer>",
    ];
    const actions = directory.file("turns.json", JSON.stringify(turns));
    const { code, out, notes } = await runCli([...PLAY, "--actions", actions, "--json"]);
    expect(code).toBe(0);
    const { transcript, success } = JSON.parse(out) as Replay;
    expect(notes).toContain("1 more actions were not played");
    expect(success).toBe(false);
    expect(transcript.map(({ done }) => done)).toEqual([false, false, false, true]);
    expect(transcript[0]!.observation).toStartWith(
      '\n\n<information>Doc 1(Title: "Tuzose Zirakor")',
    );
    // Words are no tags to a machine, which is told so.
    expect(notes).toContain(
      '"search Tuzose Zirakor" was sent as it is; what it means by hand is written "<search>Tuzose Zirakor</search>"',
    );
    expect(transcript[1]!.observation).toStartWith("\nThat was neither a search nor an answer.");
    expect(transcript[0]!.admissible).toContain("<search>Tuzose Zirakor</search>");
  });

  test("is cut off after --max-turns, the last turn being for an answer", async () => {
    using directory = new TemporaryDirectory();
    const actions = directory.file(
      "turns.txt",
      "<search>a</search>\n<search>b</search>\n<search>c</search>\n",
    );
    const { out, notes } = await runCli([
      ...[...PLAY, "--actions", actions],
      ...["--max-turns", "2", "--json"],
    ]);
    expect(notes).not.toContain("was sent as it is");
    const { transcript } = JSON.parse(out) as Replay;
    expect(transcript).toHaveLength(2);
    expect(transcript[1]).toMatchObject({ done: true, observation: "" });
  });
});

test("erring demonstrations are written with what their episodes scored", async () => {
  using directory = new TemporaryDirectory();
  const file = `${directory.path}/demonstrations.jsonl`;
  const model = await writeDeepSearchModel(directory.path);
  const { code } = await runCli([
    ...[
      "rollout",
      "--env",
      "deepsearch",
      "--policy",
      "expert",
      "--model",
      model,
      "--episodes",
      "24",
    ],
    ...["--mistakes", "0.5", "--option", "topk=1", "--option", "world_things=60", "--out", file],
  ]);
  expect(code).toBe(0);
  const rows = (await Bun.file(file).text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(rows).toHaveLength(24);
  const scores = rows.map((row) => row.scores);
  expect(scores.every(({ em, searches }) => (em === 0 || em === 1) && searches >= 0)).toBe(true);
  expect(scores.some(({ repeated_queries: repeated = 0 }) => repeated > 0)).toBe(true);
  expect(scores.some(({ valid_action_ratio: ratio }) => ratio < 1)).toBe(true);
  expect(rows.some(({ steps }) => steps.some(({ valid }: { valid: boolean }) => !valid))).toBe(
    true,
  );
});

test("an evaluation shows every figure by kind and over kinds, for people and machines", async () => {
  using directory = new TemporaryDirectory();
  const model = await writeDeepSearchModel(directory.path);
  const device = process.env.EMPG_TEST_DEVICE ?? "auto";
  const EVAL = [
    ...["eval", "--env", "deepsearch", "--model", model, "--device", device, "--episodes", "6"],
    ...[
      "--option",
      "world_things=60",
      "--option",
      "sources=1hop,2hop",
      "--option",
      "train_sources=1hop",
    ],
    ...["--split", "test", "--max-tokens-per-turn", "8"],
  ];
  const { code, out } = await runCli([...EVAL, "--json"]);
  expect(code).toBe(0);
  const found = JSON.parse(out);
  expect(Object.keys(found.by_kind)).toEqual(["1hop", "2hop"]);
  expect(Object.keys(found.macro)).toEqual(["all", "in_domain", "out_of_domain"]);
  expect(found.macro.out_of_domain.kinds).toEqual(["2hop"]);
  const figures = ["em", "f1", "subem", "coverem", "answered", "searches", "supporting_recall"];
  for (const scores of [found.scores, found.macro.all.scores, found.by_kind["1hop"].scores]) {
    for (const name of figures) {
      expect([name, scores[name]]).toEqual([
        name,
        {
          mean: expect.any(Number),
          ci95: [expect.any(Number), expect.any(Number)],
          episodes: expect.any(Number),
        },
      ]);
    }
  }
  const { out: text } = await runCli(EVAL);
  expect(text).toMatch(/^deepsearch test T 1 │ success .* of 6 │ .* turns$/m);
  for (const row of [
    "episodes",
    "mean of all",
    "mean of in_domain",
    "mean of out_of_domain",
    "1hop",
    "2hop",
  ]) {
    expect(text).toMatch(new RegExp(`^  ${row} +\\d\\.\\d\\d \\[`, "m"));
  }
  for (const name of figures) expect(text).toMatch(new RegExp(`^ {10,}.*\\b${name}\\b`, "m"));
});
