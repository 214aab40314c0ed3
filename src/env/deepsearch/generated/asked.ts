/** A question of the generated world read back: what it starts from, and the relations it follows from there. */
import { COMPARISONS, INTERSECTIONS, RELATIONS } from "./relations.ts";

export interface Asked {
  /** One name; two that are compared; or two objects that together give the thing. */
  readonly heads: readonly string[];
  /** Before each head, where it is no plain name: how it is meant, such as `earlier birthyear` or `product`. */
  readonly marks: readonly string[];
  /** From the head to the answer. */
  readonly relations: readonly string[];
}

interface Form {
  readonly marks: readonly string[];
  readonly pattern: RegExp;
}

/** Capitalised words; `of` may stand between them. */
const NAME = "[A-Z][a-z]*(?: of| [A-Z][a-z]*)*";

const HEADS: readonly Form[] = [
  ...COMPARISONS.flatMap(({ relation, earlier, later }) => [
    { marks: [`earlier ${relation}`, ""], pattern: around(earlier) },
    { marks: [`later ${relation}`, ""], pattern: around(later) },
  ]),
  ...INTERSECTIONS.map(({ relations, phrase }) => ({ marks: relations, pattern: around(phrase) })),
];
const QUESTIONS = RELATIONS.map(({ name, question }) => ({ name, pattern: around(question) }));
const PHRASES = RELATIONS.map(({ name, phrase }) => ({ name, pattern: around(phrase) }));

/** A form with a group for each of its places: X, or names and words for A and B, O and P. */
function around(form: string): RegExp {
  const places = form.replace("?", "\\?").replace(/\bX\b/, "(.+)");
  return new RegExp(`^${places.replace(/\b[ABOP]\b/g, `(${NAME}|[a-z]+)`)}$`);
}

/** Nothing for a question in other words. */
export function asked(question: string): Asked | undefined {
  const last = firstMatch(QUESTIONS, question);
  if (!last) return undefined;
  const relations = [last.name];
  let [rest = ""] = last.groups;
  // Names begin with a capital, phrases do not.
  while (!/^\p{Lu}/u.test(rest)) {
    const head = firstMatch(HEADS, rest);
    if (head) return { heads: head.groups, marks: head.marks, relations: relations.reverse() };
    const step = firstMatch(PHRASES, rest);
    if (!step) return undefined;
    relations.push(step.name);
    rest = step.groups[0] ?? "";
  }
  return { heads: [rest], marks: [""], relations: relations.reverse() };
}

function firstMatch<F extends { readonly pattern: RegExp }>(forms: readonly F[], text: string) {
  for (const form of forms) {
    const match = form.pattern.exec(text);
    if (match) return { ...form, groups: match.slice(1) };
  }
  return undefined;
}
