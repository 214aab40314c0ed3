import { UserError } from "../../core/errors.ts";
import type { Passage } from "../../retrieval/retriever.ts";
import type { Question } from "./question.ts";
import { readQuestions } from "./read-questions.ts";

/** Reads questions, and the paragraphs that come with them, each once. */
export class QuestionFiles {
  readonly questions = new Map<string, Question>();
  readonly passages = new Map<string, Passage>();

  async read(paths: readonly string[]): Promise<Question[]> {
    const found: Question[] = [];
    for (const path of paths) {
      for await (const { question, passages } of readQuestions(path)) {
        for (const passage of passages) this.passages.set(passage.id, passage);
        const id = this.#freeId(question, path);
        const named = { ...question, id };
        this.questions.set(id, named);
        found.push(named);
      }
    }
    return found;
  }

  /** Sets that are published together number their questions alike. */
  #freeId({ id, source }: Question, path: string): string {
    const free = [id, `${source}/${id}`].find((one) => !this.questions.has(one));
    if (free !== undefined) return free;
    throw new UserError(`${path}: question id ${JSON.stringify(id)} stands twice`);
  }
}

/** Questions without what they say about their own paragraphs, where these are not searched. */
export function withoutOwn({ questions, passages }: QuestionFiles): Map<string, Question> {
  if (passages.size === 0) return questions;
  const strange = (ids: readonly string[] = []) => ids.filter((id) => !passages.has(id));
  return new Map(
    [...questions].map(([id, question]) => {
      const supporting = question.supporting.map(strange).filter(({ length }) => length > 0);
      const steps = question.steps.map(({ passages: own, ...step }) => {
        const left = strange(own);
        return left.length > 0 ? { ...step, passages: left } : step;
      });
      return [id, { ...question, supporting, steps }];
    }),
  );
}
