/**
 * Experts. The flawless one follows the chain of the question: it searches for the first passage of it that it
 * has not seen and answers when it has seen all, or when there is no turn left to search in. Where nobody said
 * which passages are needed, it searches for the question and answers. The other errs with a given chance at a
 * turn, so that demonstrations also show recoveries: it searches for the question as it stands (30 %), asks for
 * something it knows (25 %), for a part of a name (20 %), leaves a tag open (15 %), repeats itself (10 %). A kind
 * that does not apply leaves its share to the others.
 */
import { type Random, randomFrom, seedFor } from "../../core/random.ts";
import type { Expert, Mistakes } from "../env.ts";
import type { Protocol } from "./protocol.ts";
import type { HopStep, Question } from "./question.ts";

/** What an expert looks at. */
export interface Position {
  readonly question: Question;
  /** Passage id → title, of those that were shown. */
  readonly shown: ReadonlyMap<string, string>;
  /** Turns that are left. */
  readonly turnsLeft: number;
  /** Turns so far. */
  readonly turns: readonly { readonly query?: string }[];
}

export interface ExpertOptions {
  readonly protocol: Protocol;
  /** The agent says what it thinks; else an empty thought. */
  readonly thinks: boolean;
  /** Queries and answers in lower case, as small models write. */
  readonly lowerCase: boolean;
  /** Passage id → title, for questions whose passages are known and their queries not. */
  titleOf(passage: string): string | undefined;
}

/** What the expert means to do, in words and as an action. */
interface Intention {
  readonly thought: string;
  readonly query?: string;
  readonly answer?: string;
}

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
export function stepsOf(
  { steps, supporting, answerPassages, question }: Question,
  titleOf: (passage: string) => string | undefined,
): readonly HopStep[] {
  if (steps.some(({ passages }) => passages !== undefined)) {
    return steps.map((step) => ({ ...step, query: filledIn(step.query, steps) }));
  }
  if (supporting.length > 0) {
    return supporting.map((passages) => ({ query: titleOf(passages[0]!) || question, passages }));
  }
  return answerPassages.length > 0 ? [{ query: question, passages: answerPassages }] : [];
}

/** A sub-question with the answers of earlier ones in place of `#1`, `#2` … */
export function filledIn(query: string, steps: readonly HopStep[]): string {
  return query.replace(/#(\d+)/g, (mark, number) => steps[Number(number) - 1]?.answer ?? mark);
}

function nextOf(position: Position, { titleOf }: ExpertOptions): Intention {
  const { question, shown, turnsLeft, turns } = position;
  const steps = stepsOf(question, titleOf);
  const asked = new Set(turns.map(({ query }) => query?.toLowerCase()));
  const tried = (query: string) => asked.has(query.toLowerCase());
  if (turnsLeft > 1) {
    for (const { query, passages = [] } of steps) {
      if (passages.length === 0 || passages.some((id) => shown.has(id))) continue;
      const title = titleOf(passages[0]!);
      const untried = [query, ...(title ? [title] : []), question.question].find(
        (one) => !tried(one),
      );
      // What cannot be found is done without.
      if (untried === undefined) continue;
      const learned = steps.flatMap((step) =>
        step.answer !== undefined && step.passages?.some((id) => shown.has(id))
          ? [step.answer]
          : [],
      );
      const known = learned.length === 0 ? "" : `I know ${learned.join(", ")}. `;
      return { thought: `${known}I look for ${untried}.`, query: untried };
    }
    if (steps.length === 0 && turns.every(({ query }) => query === undefined)) {
      return { thought: "I look for the question itself.", query: question.question };
    }
  }
  return { thought: "I know the answer.", answer: question.accepted[0]! };
}

function write({ thought, query, answer }: Intention, options: ExpertOptions): string {
  const { protocol, thinks, lowerCase } = options;
  const [open, close] = query === undefined ? protocol.answer : protocol.search;
  const content = harmless(query ?? answer ?? "");
  const [thinking, thoughtThrough] = protocol.think;
  const before = thinks
    ? `${thinking}${harmless(thought)}${thoughtThrough}\n`
    : thinking + thoughtThrough;
  return `${before}${open}${lowerCase ? content.toLowerCase() : content}${close}`;
}

/** Questions are anybody's text; a tag in one must not end the turn. */
function harmless(text: string): string {
  return text.replaceAll("<", "‹").replace(/\s+/g, " ").trim();
}

function mistake(
  random: Random,
  position: Position,
  options: ExpertOptions,
  right: Intention,
  previous: string | undefined,
): string | undefined {
  const search = (query: string | undefined) =>
    query === undefined || query === "" || query === right.query
      ? undefined
      : write({ thought: `I look for ${query}.`, query }, options);
  const titles = [...position.shown.values()];
  const words = (right.query ?? right.answer ?? "").split(" ");
  const rightAction = write(right, options);
  const kinds: (readonly [number, string | undefined])[] = [
    [30, search(position.question.question)],
    [25, search(random.sample(titles, 1)[0])],
    [20, words.length > 1 ? search(random.sample(words, 1)[0]) : undefined],
    [15, rightAction.slice(0, rightAction.lastIndexOf("<"))],
    [10, previous],
  ];
  const possible = kinds.filter(([, action]) => action !== undefined && action !== rightAction);
  let point = random.uniform() * possible.reduce((sum, [share]) => sum + share, 0);
  for (const [share, action] of possible) {
    point -= share;
    if (point < 0) return action;
  }
  return undefined;
}
