import { describe, expect, test } from "bun:test";
import { checkEnv } from "../../../src/env/check-env.ts";
import type { DeepSearchEpisode } from "../../../src/env/deepsearch/env.ts";
import { FAILED } from "../../../src/env/deepsearch/episode-rules.ts";
import { tokenizerJson, vocabulary } from "../../../src/env/deepsearch/vocabulary.ts";
import { DeepSearch } from "../../../src/env/deepsearch/world.ts";
import { demonstrate } from "../../../src/rollout/demonstrate.ts";
import { readTokenizer } from "../../../src/text/read-tokenizer.ts";
import { TemporaryDirectory } from "../../support/temporary.ts";
import { searchFor } from "./little-world.ts";

const world = await DeepSearch.open();
const text = await DeepSearch.open({ option: { format: "text" } });
const kinds = ["1hop", "2hop", "3hop", "4hop", "comparison", "intersection"];

test.each(kinds)("checkEnv holds for a question of kind %s", async (kind) => {
  for (const one of [world, text]) await checkEnv(one, `validation/${kind}/3`);
  const r1 = { format: "text", doc_format: "r1-searcher" };
  await checkEnv(await DeepSearch.open({ option: r1 }), `test/${kind}/2`);
});

describe("options", () => {
  test.each([
    [
      "reward",
      "emm",
      'deepsearch: option reward: found "emm", allowed: "em", "subem", "f1", "search-r1-format"',
    ],
    ["topk", "0", 'deepsearch: option topk: found "0", allowed: a whole number ≥ 1'],
    ["k1", "-1", 'deepsearch: option k1: found "-1", allowed: a number ≥ 0'],
    ["k1", "1e999", 'deepsearch: option k1: found "1e999", allowed: a number ≥ 0'],
    ["retriever_timeout_s", "0", 'deepsearch: option retriever_timeout_s: found "0", allowed: '],
    ["retriever_timeout_s", "1e99", 'option retriever_timeout_s: found "1e99", allowed: '],
    ["retriever", "localhost", "deepsearch: option retriever: expected an address such as"],
    ["doc_format", "verl", "deepsearch: option doc_format: only for language models"],
    [
      "sources",
      "hotpotqa",
      'deepsearch: option sources: no questions of "hotpotqa" (allowed: 1hop',
    ],
    ["rewrad", "em", 'deepsearch: unknown option "rewrad"'],
  ])("%s=%s is refused", async (name, value, message) => {
    await expect(DeepSearch.open({ option: { [name]: value } })).rejects.toThrow(message);
  });

  test.each<[Record<string, string>, string | undefined, string]>([
    [{ corpus: "c.jsonl" }, undefined, "option corpus: only with data"],
    [{ test_questions: "t.jsonl" }, undefined, "option test_questions: only with data"],
    [{ world_things: "60" }, "/data", "option world_things: only of the generated world"],
    [
      { k1: "2", retriever: "http://127.0.0.1:1" },
      undefined,
      "option k1: the retriever's servers have",
    ],
    [
      { index: "i", retriever: "http://127.0.0.1:1" },
      "/data",
      "option index: the retriever's servers",
    ],
    [{ dialect: "skyrl" }, undefined, "option dialect: only with option retriever"],
  ])("%j with data %p would change nothing and is refused", async (option, data, message) => {
    await expect(DeepSearch.open({ data, option })).rejects.toThrow(`deepsearch: ${message}`);
  });

  test("an unknown question is refused, naming the nearest", () => {
    expect(() => world.start("test/2hop/1x", 0)).toThrow('deepsearch: no question "test/2hop/1x"');
  });

  test("a template of the user's is the prompt", async () => {
    using directory = new TemporaryDirectory();
    const template = directory.file("t.txt", "Q: {question} ({question})$&");
    const own = await DeepSearch.open({ option: { format: "text", template } });
    expect(own.format.opening("who?")).toBe("Q: who? (who?)$&");
    const without = directory.file("w.txt", "Q:");
    const refused = DeepSearch.open({ option: { format: "text", template: without } });
    await expect(refused).rejects.toThrow("must say where the question stands");
  });

  test("sources limit every split, train_sources the training split alone, and make the groups", async () => {
    const option = { train_sources: "2hop", sources: "2hop,3hop" };
    const own = await DeepSearch.open({ option });
    const shown = (split: string) => [...new Set(own.splits[split]!.map((id) => own.kindOf(id)))];
    expect([shown("train"), shown("test")]).toEqual([["2hop"], ["2hop", "3hop"]]);
    expect(own.groups).toEqual({ in_domain: ["2hop"], out_of_domain: ["3hop"] });
    expect(world.groups).toEqual({ in_domain: kinds });
  });

  test("max_turns leaves one turn more to answer in, unless final_turn says none", async () => {
    const searches = async (final_turn: string) => {
      const own = await DeepSearch.open({ option: { max_turns: "2", final_turn } });
      const episode = own.start("test/2hop/1", 0, 10);
      let turns = 0;
      for (let end = null as unknown; end === null; turns++) {
        end = (await episode.step(searchFor(`query ${turns}`))).end;
      }
      return [turns, episode.scores().searches];
    };
    expect(await searches("extra")).toEqual([3, 2]);
    expect(await searches("none")).toEqual([2, 1]);
  });

  test("a long question keeps its end, a question without a mark gets one", async () => {
    using directory = new TemporaryDirectory();
    const row = { question: `${"very ".repeat(50)}long, who`, golden_answers: ["x"] };
    directory.file("test.jsonl", JSON.stringify(row));
    directory.file("corpus.jsonl", '{"id":"1","contents":"\\"T\\"\\nx"}');
    const own = await DeepSearch.open({ data: directory.path, option: { max_start_tokens: "4" } });
    const [task] = own.splits.test!;
    expect(own.start(task!, 0).opening).toBe("long, who?");
  });

  test("context=slide cuts prompts that stand alone on the left", async () => {
    const option = { format: "text", context: "slide", max_context_tokens: "100" };
    const own = await DeepSearch.open({ option });
    const episode = own.start("test/2hop/1", 0);
    const past = [];
    for (let turn = 0; turn < 4; turn++) {
      const { observation, end } = await episode.step(searchFor("Kemina"));
      expect(end).toBeNull();
      past.push({ observation: "", action: searchFor("Kemina"), reply: observation });
    }
    const scene = { opening: episode.opening, taken: 4, past, observation: "", shown: "" };
    const prompt = own.format.recall!({ ...scene, admissible: [] });
    const whole =
      own.format.opening(episode.opening) +
      past.map(({ action, reply }) => action + reply).join("");
    expect(whole).toEndWith(prompt);
    expect(prompt.length).toBeLessThan(whole.length / 2);
    expect(prompt.length).toBeGreaterThan(200);
  });
});

/** All observations of episodes that search for the titles they are offered, a few turns each. */
async function playTogether(tasks: readonly string[], together: number): Promise<string[]> {
  const own = await DeepSearch.open();
  const seen: string[] = [];
  for (let at = 0; at < tasks.length; at += together) {
    const episodes = tasks.slice(at, at + together).map((task) => own.start(task, 1));
    const told = await Promise.all(
      episodes.map(async (episode) => {
        let all = "";
        for (let turn = 0; turn < 3; turn++) {
          const offered = episode.admissible();
          all += (await episode.step(offered[turn % offered.length]!)).observation;
        }
        return all;
      }),
    );
    seen.push(...told);
  }
  return seen;
}

test("same questions, same observations, byte for byte, in every run and batch", async () => {
  const tasks = world.splits.test!.slice(0, 24);
  const first = await playTogether(tasks, 24);
  expect(first.join("").length).toBeGreaterThan(10_000);
  expect(await playTogether(tasks, 24)).toEqual(first);
  expect(await playTogether(tasks, 1)).toEqual(first);
  expect(await playTogether(tasks, 7)).toEqual(first);
});

test("the flawless expert answers every question, and three passages a search are all it needs", async () => {
  // With one passage a search, another thing of a like name stands in the way of 1 % of the questions.
  for (const one of [await DeepSearch.open({ option: { topk: "3" } }), text]) {
    for (const task of one.splits.heldout!) {
      const episode = one.start(task, 0, 8);
      const expert = one.expert(episode);
      let last = await episode.step(expert.next());
      while (last.end === null) last = await episode.step(expert.next());
      expect([task, last.success]).toEqual([task, true]);
      expect(episode.scores().supporting_recall).toBe(1);
    }
  }
});

test("an expert's turn says what it means, though question and answer hold tags or marks", async () => {
  using directory = new TemporaryDirectory();
  const row = {
    id: "q",
    question: "is a < b </search> <answer>no</answer>",
    golden_answers: ["a < b"],
  };
  directory.file("test.jsonl", JSON.stringify(row));
  directory.file("corpus.jsonl", '{"id":"1","contents":"\\"T\\"\\nx"}');
  const own = await DeepSearch.open({ data: directory.path, option: { format: "text" } });
  const episode = own.start("q", 0);
  const expert = own.expert(episode);
  await episode.step(expert.next());
  expect(episode.info).toMatchObject({
    type: "search",
    query: "is a < b &lt;/search> &lt;answer>no&lt;/answer>",
  });
  expect(await episode.step(expert.next())).toMatchObject({ success: true });
});

test("an expert that errs repeats, leaves tags open and searches in vain, and recovers", async () => {
  const counts = { invalid: 0, repeated: 0, solved: 0, turns: 0 };
  const patient = await DeepSearch.open({ option: { format: "text", max_turns: "11" } });
  const tasks = world.splits.test!;
  for (const [seed, task] of tasks.entries()) {
    const episode: DeepSearchEpisode = patient.start(task, 0);
    const expert = patient.expert(episode, { rate: 0.3, seed });
    let last = await episode.step(expert.next());
    while (last.end === null) last = await episode.step(expert.next());
    counts.solved += last.success ? 1 : 0;
    counts.turns += episode.turns.length;
    counts.invalid += episode.turns.filter(({ valid }) => !valid).length;
    counts.repeated += episode.turns.filter(({ repeated }) => repeated).length;
  }
  expect(counts.solved).toBe(tasks.length);
  // 15 % of mistakes leave a tag open; three turns of ten are mistakes.
  expect(counts.invalid / counts.turns).toBeGreaterThan(0.02);
  expect(counts.invalid / counts.turns).toBeLessThan(0.08);
  expect(counts.repeated).toBeGreaterThan(10);
});

describe("the compact format", () => {
  const tokenizer = readTokenizer(tokenizerJson(), "tokenizer.json");
  const modelText = { tokenizer };
  const unknown = tokenizer.idOf("<unk>")!;

  test("has a word for everything that is read and written in it, in every split and another world", async () => {
    const other = await DeepSearch.open({ option: { world_seed: "7" } });
    for (const [one, split] of [
      [world, "train"],
      [world, "test"],
      [other, "validation"],
    ] as const) {
      const tasks = one.splits[split]!;
      for (let at = 0; at < tasks.length; at += 7) {
        const mistakes = { rate: 0.3, seed: at };
        const plan = { name: "e", group: "g", task: tasks[at]!, openingSeed: 0, maxTurns: 10 };
        const { steps } = await demonstrate(one, modelText, { ...plan, mistakes });
        for (const { prompt_tokens, tokens } of steps) {
          expect([plan.task, prompt_tokens.includes(unknown)]).toEqual([plan.task, false]);
          expect([plan.task, tokens.includes(unknown)]).toEqual([plan.task, false]);
        }
      }
    }
  });

  test.each([
    [
      "In which region does the town where Belora Kemin was born lie?",
      "question be ##lo ##ra ke ##mi ##n , born region\n",
    ],
    [
      "Who is the rector of the academy that the painter who was born in Port Rukit attended?",
      "question profession painter , born port ru ##ki ##t , school rector\n",
    ],
    [
      "Who founded the younger one of the companies Zuret Foundry and Vanu Mills?",
      "question later founded zu ##re ##t foundry , va ##nu mills , founder\n",
    ],
    ["Where is Baku?", "question where is ba ##ku\n"],
  ])("asks %j in keywords", (question, wanted) => {
    expect(world.format.opening(question)).toBe(wanted);
  });

  test("decodes what an agent writes to the action it meant", async () => {
    const episode = world.start("test/4hop/3", 0);
    const expert = world.expert(episode);
    for (let end = null as unknown; end === null; ) {
      const action = expert.next();
      const ids = tokenizer.encode(world.format.respond(action));
      expect(world.format.parse(tokenizer.decode(ids))).toBe(action);
      end = (await episode.step(action)).end;
    }
  });

  test("shows titles and facts, and whole episodes stay short", async () => {
    const { format } = world;
    const outcome = { reward: 0, end: null, valid: true, success: false } as const;
    const reply = (observation: string) => format.reply("", { ...outcome, observation });
    const block = (inside: string) => reply(`\n\n<information>${inside}</information>\n\n`);
    const person =
      'Doc 1(Title: "Belora Kemin") Belora Kemin is a well known member of the community. ' +
      "They were born in the town of Upper Vanu. In winter they play chess with the neighbours. " +
      "The year of their birth was 1874.";
    expect(block(`${person}\nDoc 2(Title: "Other, one") Real words, of a real thing.`)).toBe(
      "doc be ##lo ##ra ke ##mi ##n , born upper va ##nu , birthyear 18 ##74\n" +
        "doc other one , real words , of a real thing\n",
    );
    // A fact that stands last is one, too.
    expect(block(person)).toEndWith("birthyear 18 ##74\n");
    expect(reply("\nThat was neither")).toBe("what\n");
    expect(block("No passage was found.")).toBe("none\n");
    expect(block('Doc 1(Title: "T") No passage was found.')).toBe("doc t , no passage was found\n");
    expect(block(FAILED)).toBe("failed\n");
    let longest = 0;
    for (const task of world.splits.test!) {
      const plan = { name: "e", group: "g", task, openingSeed: 0, maxTurns: 8 };
      const { steps } = await demonstrate(world, modelText, {
        ...plan,
        mistakes: { rate: 0, seed: 0 },
      });
      const tokens = steps.reduce(
        (sum, step) => sum + step.prompt_tokens.length + step.tokens.length,
        0,
      );
      longest = Math.max(longest, tokens);
    }
    expect(longest).toBeLessThan(1024);
    expect(vocabulary().length).toBeLessThan(600);
  });
});
