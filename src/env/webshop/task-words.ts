/** A task as its words, and what a text has in common with it. */
import { analyze } from "../../retrieval/analyzer.ts";

export interface Task {
  /** Lower case; commas and the colons after options' names are words of their own. */
  readonly words: readonly string[];
  /** Dollars; absent without a price clause. */
  readonly limit?: number;
  /** The words that matter, with the terms that a search looks for in their place. */
  readonly meant: readonly Meant[];
  readonly terms: ReadonlySet<string>;
}

interface Meant {
  readonly word: string;
  readonly terms: readonly string[];
}

const PRICE = /, and price lower than ([\d.]+) dollars$/;

export function readTask(text: string): Task {
  const limit = PRICE.exec(text)?.[1];
  const told = text
    .replace(PRICE, "")
    .replace(/^find me /i, "")
    .toLowerCase();
  // A no-break space is part of a value, and of the click on it.
  const words = told.split(/[ \t\r\n]+/).flatMap(splitMarks);
  const meant = meantWords(words);
  const terms = new Set(meant.flatMap((one) => one.terms));
  return { words, ...(limit !== undefined && { limit: Number(limit) }), meant, terms };
}

/** Words of the task that a text has, in the task's order and spelling. */
export function commonWords({ meant }: Task, text: string): readonly string[] {
  const found = new Set(termsOf(text));
  return meant
    .filter(({ terms }) => terms.every((term) => found.has(term)))
    .map(({ word }) => word);
}

/** How many words a text has that are all in the task; 0 where one is not. */
export function covered({ terms }: Task, text: string): number {
  const own = termsOf(text);
  return own.every((term) => terms.has(term)) ? own.length : 0;
}

export function termsOf(text: string): string[] {
  return analyze(text, { analyzer: "lucene" });
}

/** "black," → "black" ",". */
function splitMarks(word: string): string[] {
  const mark = /^(.+)([,:])$/.exec(word);
  return mark ? [mark[1]!, mark[2]!] : [word].filter(Boolean);
}

/** Each once, without names of options and words that nobody searches for. */
function meantWords(words: readonly string[]): Meant[] {
  const known = new Set<string>();
  return words.flatMap((word, at) => {
    const terms = words[at + 1] === ":" ? [] : termsOf(word);
    const key = terms.join(" ");
    if (terms.length === 0 || known.has(key)) return [];
    known.add(key);
    return [{ word, terms }];
  });
}
