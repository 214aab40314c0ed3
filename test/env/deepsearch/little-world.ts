/** A world of four passages and one question, for tests of episodes. */

import { DOCUMENT_FORMATS } from "../../../src/env/deepsearch/documents.ts";
import { DeepSearchEpisode } from "../../../src/env/deepsearch/env.ts";
import type { Rules } from "../../../src/env/deepsearch/episode-rules.ts";
import { STANDARD, TurnReader } from "../../../src/env/deepsearch/protocol.ts";
import type { Question } from "../../../src/env/deepsearch/question.ts";
import { REWARDS } from "../../../src/env/deepsearch/rewards.ts";
import { NO_SHAPING } from "../../../src/env/deepsearch/shaping.ts";
import { countPieces } from "../../../src/env/deepsearch/token-count.ts";
import { Bm25Retriever } from "../../../src/retrieval/bm25-retriever.ts";
import type { Passage, Retriever } from "../../../src/retrieval/retriever.ts";

export const PASSAGES: readonly Passage[] = [
  { id: "p0", contents: '"Ada Bel"\nAda Bel was born in Corin.' },
  { id: "p1", contents: '"Corin"\nCorin lies on the river Dorn.' },
  { id: "p2", contents: '"Ada Fen"\nAda Fen was born in Zel.' },
  { id: "p3", contents: '"Zel"\nZel lies on the river Yar.' },
];

export const QUESTION: Question = {
  id: "q",
  source: "little",
  question: "Which river runs through the town where Ada Bel was born?",
  accepted: ["Dorn", "River Dorn"],
  supporting: [["p0"], ["p1"]],
  answerPassages: [],
  steps: [],
};

/** Remembers what it was asked. */
export class Watched implements Retriever {
  readonly calls: (readonly string[])[] = [];
  readonly #inner: Retriever;

  constructor(inner: Retriever = Bm25Retriever.of(PASSAGES)) {
    this.#inner = inner;
  }

  search(queries: readonly string[], k: number) {
    this.calls.push(queries);
    return this.#inner.search(queries, k);
  }
}

export const RULES: Rules = {
  retriever: Bm25Retriever.of(PASSAGES),
  topk: 2,
  documents: DOCUMENT_FORMATS["search-r1"]!,
  reader: new TurnReader(STANDARD),
  strict: false,
  invalid: "notice",
  reward: REWARDS.em!,
  rewardOptions: { structureFormatScore: 0.2, finalFormatScore: 0.1, retrievalScore: 0 },
  shaping: NO_SHAPING,
  count: countPieces,
  maxObservationTokens: 500,
  maxContextTokens: 4096,
  stopsWhenFull: true,
};

export function littleEpisode(
  rules: Partial<Rules> = {},
  maxTurns = Number.POSITIVE_INFINITY,
  question: Partial<Question> = {},
): DeepSearchEpisode {
  const asked = { ...QUESTION, ...question };
  return new DeepSearchEpisode(
    { ...RULES, ...rules },
    {
      ...{ task: "q", question: asked, opening: asked.question },
      ...{ prompt: `Answer: ${asked.question}\n`, maxTurns },
    },
  );
}

export const searchFor = (query: string) => `<think>t</think><search>${query}</search>`;
export const answerWith = (text: string) => `<think>t</think><answer>${text}</answer>`;
