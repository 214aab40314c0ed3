/** Questions that share a passage stay on one side, so that nobody is tested on facts that were trained on. */
import { seedFor } from "../../core/random.ts";
import type { Question } from "./question.ts";

/** Shares of what is cut off the training questions. */
export interface Shares {
  readonly validation: number;
  readonly test: number;
}

/**
 * Cuts questions into train, validation and test, each in the given order. A group of questions is known by the
 * least of its ids, so a question that is added elsewhere moves no other.
 */
export function cutQuestions(
  questions: readonly Question[],
  { validation, test }: Shares,
): Record<"train" | "validation" | "test", Question[]> {
  const cut = { train: [], validation: [], test: [] } as Record<string, Question[]>;
  const groups = groupsOf(questions);
  questions.forEach((question, i) => {
    const place = seedFor(0, "split", groups[i]!) / 2 ** 32;
    const side = place < test ? "test" : place < test + validation ? "validation" : "train";
    cut[side]!.push(question);
  });
  return cut as Record<"train" | "validation" | "test", Question[]>;
}

/** For each question the least id among those that are connected with it. */
function groupsOf(questions: readonly Question[]): string[] {
  const parents = questions.map((_, i) => i);
  const root = (i: number): number => {
    let top = i;
    while (parents[top] !== top) top = parents[top]!;
    for (let at = i; at !== top; ) {
      const next = parents[at]!;
      parents[at] = top;
      at = next;
    }
    return top;
  };
  const owner = new Map<string, number>();
  questions.forEach(({ supporting, answerPassages }, i) => {
    const passages = supporting.length > 0 ? supporting.flat() : answerPassages;
    for (const passage of passages) {
      const other = owner.get(passage);
      if (other === undefined) owner.set(passage, i);
      else parents[root(i)] = root(other);
    }
  });
  const least = new Map<number, string>();
  questions.forEach(({ id }, i) => {
    const top = root(i);
    const known = least.get(top);
    if (known === undefined || id < known) least.set(top, id);
  });
  return questions.map((_, i) => least.get(root(i))!);
}
