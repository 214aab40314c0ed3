/**
 * The embedded default: a world of its own with its passages and questions. Things of one split know nothing of
 * another's, while all passages are in one collection.
 */
import { randomFrom, seedFor } from "../../../core/random.ts";
import type { Passage } from "../../../retrieval/retriever.ts";
import type { Question } from "../question.ts";
import { drawEntities, type Entity } from "./graph.ts";
import { Names } from "./names.ts";
import { passageIds, type WritingOptions, writePassages } from "./passages.ts";
import { type Draft, drawQuestion, KINDS, World } from "./questions.ts";

/** Things, and questions of each kind. */
const SPLITS: Readonly<Record<string, readonly [things: number, questions: number]>> = {
  train: [900, 400],
  validation: [300, 40],
  test: [300, 40],
};

export interface Generated {
  readonly passages: readonly Passage[];
  readonly questions: ReadonlyMap<string, Question>;
  readonly splits: Readonly<Record<string, readonly string[]>>;
}

/** @param seed another seed is another world */
export function generateWorld(options: WritingOptions): Generated {
  const { seed } = options;
  const stems = new Set<string>();
  const own = new Map<string, Entity[]>();
  const entities: Entity[] = [];
  for (const [split, [things]] of Object.entries(SPLITS)) {
    const random = randomFrom(seedFor(seed, "things", split));
    const drawn = drawEntities(random, new Names(random, stems), things, entities.length);
    entities.push(...drawn);
    own.set(split, drawn);
  }
  const world = new World(entities);
  const questions = new Map<string, Question>();
  const splits: Record<string, string[]> = {};
  for (const [split, [, count]] of Object.entries(SPLITS)) {
    const ids: string[] = [];
    for (const kind of KINDS) {
      const random = randomFrom(seedFor(seed, "questions", split, kind));
      const taken = new Set<string>();
      for (let number = 1; number <= count; number++) {
        const draft = drawQuestion(random, world, own.get(split)!, kind, taken);
        if (!draft) break;
        const id = `${split}/${kind}/${number}`;
        questions.set(id, questionOf(id, draft, options));
        ids.push(id);
      }
    }
    splits[split] = ids;
  }
  return { passages: writePassages(entities, options), questions, splits };
}

function questionOf(id: string, draft: Draft, options: WritingOptions): Question {
  const passages = draft.chain.map((entity) => passageIds(entity, options));
  return {
    id,
    source: draft.kind,
    question: draft.question,
    accepted: [draft.answer],
    supporting: passages,
    answerPassages: [],
    steps: draft.queries.map((query, i) => ({
      query,
      answer: draft.learned[i],
      passages: passages[i],
    })),
  };
}
