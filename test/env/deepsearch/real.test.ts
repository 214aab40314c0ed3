/** The published questions and passages, as the specification's figures measured them. */

import { beforeAll, describe, expect, test } from "bun:test";
import { filledIn } from "../../../src/env/deepsearch/expert.ts";
import { DeepSearch } from "../../../src/env/deepsearch/world.ts";
import { DATA, HAS_DATA, type RawQuestion, rawQuestions } from "./data.ts";
import { answerWith, searchFor } from "./little-world.ts";

describe.skipIf(!HAS_DATA)("over 28,918 real passages", () => {
  let world: DeepSearch;
  let raw: readonly RawQuestion[];
  let musique: readonly RawQuestion[];
  const told: string[] = [];

  beforeAll(async () => {
    const option = { format: "text" };
    world = await DeepSearch.open({ data: DATA, option, note: (line) => told.push(line) });
    raw = await rawQuestions();
    musique = raw.filter((row) => row.data_source === "musique" && row.supervision === "gold");
  });

  test("all questions are there, by set, and those that share a passage in one split", () => {
    const { train = [], validation = [], test: tests = [] } = world.splits;
    expect(train.length + validation.length).toBe(2203);
    expect(tests).toHaveLength(552);
    expect(validation.length / 2203).toBeGreaterThan(0.05);
    const passages = (split: readonly string[]) =>
      new Set(
        split.flatMap((id) => {
          const { supporting, answerPassages } = world.question(id);
          return supporting.length > 0 ? supporting.flat() : answerPassages;
        }),
      );
    const trained = passages(train);
    expect([...passages(validation)].filter((id) => trained.has(id))).toEqual([]);
    const counts = Object.groupBy(
      [...train, ...validation, ...tests],
      (id) => world.kindOf(id)!,
    ) as Record<string, string[]>;
    expect(Object.keys(counts).sort()).toEqual([
      "2wikimultihopqa",
      "bamboogle",
      "hotpotqa",
      "musique",
      "strategyqa",
    ]);
    for (const { id, question } of raw) expect(world.question(id).question).toBe(question);
    // A slow machine tells how far it is before.
    expect(told.at(-1)).toMatch(/^deepsearch: indexed 28,918 passages in /);
  });

  /** The share of MuSiQue's questions whose passages all are shown by these queries, asked in episodes. */
  async function allShown(queriesOf: (question: RawQuestion) => readonly string[]) {
    let count = 0;
    for (const row of musique) {
      const episode = world.start(row.id, 0, undefined);
      for (const query of queriesOf(row)) await episode.step(searchFor(query));
      await episode.step(answerWith("x"));
      const { supporting_recall: recall } = episode.scores();
      const shown = row.supporting_ids.filter((id) => episode.shown.has(id)).length;
      expect(recall).toBe(shown / row.supporting_ids.length);
      if (recall === 1) count++;
    }
    return count / musique.length;
  }

  test("the oracle's sub-questions show all passages for 0.59 of MuSiQue, the raw question for 0.084", async () => {
    expect(musique).toHaveLength(239);
    const oracle = await allShown(({ id }) => {
      const { steps } = world.question(id);
      return steps.map(({ query }) => filledIn(query, steps));
    });
    expect(Math.abs(oracle - 0.59)).toBeLessThan(0.01);
    expect(Math.abs((await allShown(({ question }) => [question])) - 0.084)).toBeLessThan(0.01);
  });

  test("one sub-question has its passage among three for 0.77", async () => {
    let asked = 0;
    let found = 0;
    for (const { id, decomposition = [] } of musique) {
      const { steps } = world.question(id);
      for (const [i, { support_id: wanted }] of decomposition.entries()) {
        const episode = world.start(id, 0, undefined);
        await episode.step(searchFor(filledIn(steps[i]!.query, steps)));
        asked++;
        if (episode.info!.documents!.includes(wanted)) found++;
      }
    }
    expect(Math.abs(found / asked - 0.77)).toBeLessThan(0.01);
  });

  test("the expert of each set ends its episodes, and answers right", async () => {
    const seen = new Set<string>();
    for (const task of world.splits.test!.filter((_, i) => i % 7 === 0)) {
      const episode = world.start(task, 0, 8);
      const expert = world.expert(episode);
      let last = await episode.step(expert.next());
      while (last.end === null) last = await episode.step(expert.next());
      expect([task, last.success]).toEqual([task, true]);
      seen.add(world.kindOf(task)!);
    }
    expect(seen.size).toBe(5);
  });
});
