/**
 * The embedded default: a world of its own with its passages and questions. Things of one split know nothing of
 * another's, while all passages are in one collection.
 */
import { randomFrom, seedFor } from "../../../core/random.ts";
import type { Passage } from "../../../retrieval/retriever.ts";
import type { Question } from "../question.ts";
import { drawEntities, type Entity } from "./graph.ts";
import { KINDS } from "./heads.ts";
import { Names, stemsOfWords } from "./names.ts";
import { passageIds, type WritingOptions, writePassages } from "./passages.ts";
import { type Draft, drawQuestion } from "./questions.ts";
import { Things } from "./things.ts";

export interface GeneratedOptions extends WritingOptions {
  /** Things that training questions are about, `FEWEST_THINGS` at least; the other splits have a third of it. */
  readonly things: number;
  readonly shortNames: boolean;
}

/** Fewer would not find names enough. */
export const FEWEST_THINGS = 60;

export const DEFAULT_WORLD: GeneratedOptions = {
  ...{ seed: 0, duplicates: false, things: 900, shortNames: true },
};

/** A split's share of the things; questions of each kind for each of its things, where there are so many, and at least. */
const SPLITS: Readonly<Record<string, { share: number; perThing: number; fewest: number }>> = {
  train: { share: 1, perThing: 4 / 9, fewest: 0 },
  validation: { share: 1 / 3, perThing: 0, fewest: 40 },
  test: { share: 1 / 3, perThing: 0, fewest: 40 },
};

export interface Generated {
  readonly passages: readonly Passage[];
  readonly questions: ReadonlyMap<string, Question>;
  readonly splits: Readonly<Record<string, readonly string[]>>;
}

/** Another seed is another world. */
export function generateWorld(given: Partial<GeneratedOptions> = {}): Generated {
  const options = { ...DEFAULT_WORLD, ...given };
  const { seed, shortNames } = options;
  const stems = stemsOfWords();
  const own = new Map<string, Entity[]>();
  const entities: Entity[] = [];
  for (const [split, { share }] of Object.entries(SPLITS)) {
    const random = randomFrom(seedFor(seed, "things", split));
    const things = Math.max(FEWEST_THINGS, Math.round(share * options.things));
    const names = new Names(random, stems, shortNames);
    const drawn = drawEntities(random, names, things, entities.length);
    entities.push(...drawn);
    own.set(split, drawn);
  }
  const all = new Things(entities);
  const questions = new Map<string, Question>();
  const splits: Record<string, string[]> = {};
  for (const [split, { perThing, fewest }] of Object.entries(SPLITS)) {
    const things = own.get(split)!;
    const count = Math.max(fewest, Math.round(perThing * things.length));
    const ids: string[] = [];
    for (const kind of KINDS) {
      const random = randomFrom(seedFor(seed, "questions", split, kind));
      const taken = new Set<string>();
      for (let number = 1; number <= count; number++) {
        const draft = drawQuestion(random, all, things, kind, taken);
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
      thought: draft.thoughts[i],
      passages: passages[i],
    })),
  };
}
