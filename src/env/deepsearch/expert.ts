/**
 * Experts. The flawless one follows the chain of the question: it searches for the first passage of it that it
 * has not seen and answers when it has seen all, or when there is no turn left to search in. Where nobody said
 * which passages are needed, it searches for the question and answers. The other errs with a given chance at a
 * turn, so that demonstrations also show recoveries (mistakes.ts).
 */
import { randomFrom, seedFor } from "../../core/random.ts";
import type { Expert, Mistakes } from "../env.ts";
import { type ExpertOptions, type Intention, type Position, write } from "./intention.ts";
import { mistake } from "./mistakes.ts";
import type { HopStep, Question } from "./question.ts";

export function deepSearchExpert(
  position: Position,
  options: ExpertOptions,
  mistakes?: Mistakes,
): Expert {
  if (mistakes === undefined) return { next: () => write(nextOf(position, options), options) };
  const random = randomFrom(seedFor(mistakes.seed, "mistakes"));
  let previous: string | undefined;
  return {
    next() {
      const right = nextOf(position, options);
      const errs = random.uniform() < mistakes.rate && position.turnsLeft > 1;
      const wrong = errs ? mistake(random, position, options, right, previous) : undefined;
      previous = wrong ?? write(right, options);
      return previous;
    },
  };
}

/** Steps with a query and passages, whatever the question came with. */
export function chainOf(
  { steps, supporting, answerPassages }: Question,
  titleOf: (passage: string) => string | undefined,
  whole: string,
): readonly HopStep[] {
  if (steps.some(({ passages }) => passages !== undefined)) {
    return steps.map((step) => ({ ...step, query: filledIn(step.query, steps) }));
  }
  if (supporting.length > 0) {
    return supporting.map((passages) => ({ query: titleOf(passages[0]!) || whole, passages }));
  }
  return answerPassages.length > 0 ? [{ query: whole, passages: answerPassages }] : [];
}

/** A sub-question with the answers of earlier ones in place of `#1`, `#2` … */
export function filledIn(query: string, steps: readonly HopStep[]): string {
  return query.replace(/#(\d+)/g, (mark, number) => steps[Number(number) - 1]?.answer ?? mark);
}

function nextOf(position: Position, options: ExpertOptions): Intention {
  const { question, shown, turnsLeft, turns } = position;
  const { titleOf } = options;
  const whole = options.wholeQuery(question.question);
  const steps = chainOf(question, titleOf, whole);
  const asked = new Set(turns.map(({ query }) => query?.toLowerCase()));
  const tried = (query: string) => asked.has(query.toLowerCase());
  const known = learned(steps, position, options.isCompact);
  if (turnsLeft > 1) {
    for (const { query, passages = [] } of steps) {
      if (passages.length === 0 || passages.some((id) => shown.has(id))) continue;
      const title = titleOf(passages[0]!);
      const untried = [query, ...(title ? [title] : []), whole].find((one) => !tried(one));
      // What cannot be found is done without.
      if (untried === undefined) continue;
      const thought = options.isCompact ? known : `${known}I look for ${untried}.`;
      return { thought, query: untried };
    }
    if (steps.length === 0 && turns.every(({ query }) => query === undefined)) {
      const thought = options.isCompact ? "" : "I look for the question itself.";
      return { thought, query: whole };
    }
  }
  return {
    thought: options.isCompact ? known : "I know the answer.",
    answer: question.accepted[0]!,
  };
}

/** What is known of the chain, in a sentence; in compact words what the last turn added, or the last known. */
function learned(
  steps: readonly HopStep[],
  { shown, turns }: Position,
  isCompact: boolean,
): string {
  const seen = steps.filter(({ passages }) => passages?.some((id) => shown.has(id)));
  if (!isCompact) {
    const answers = seen.flatMap(({ answer }) => answer ?? []);
    return answers.length === 0 ? "" : `I know ${answers.join(", ")}. `;
  }
  const before = new Set(turns.slice(0, -1).flatMap(({ documents = [] }) => documents));
  const added = seen.filter(({ passages }) => !passages?.some((id) => before.has(id)));
  const thought = added.length > 0 ? added : seen.slice(-1);
  return thought.flatMap(({ thought: words }) => words || []).join(" , ");
}
