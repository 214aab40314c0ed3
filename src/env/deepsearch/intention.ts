/** What an expert looks at, what it means to do, and how it says so. */
import { neutralize, type Protocol } from "./protocol.ts";
import type { Question } from "./question.ts";

export interface Position {
  readonly question: Question;
  /** Passage id → title, of those that were shown. */
  readonly shown: ReadonlyMap<string, string>;
  /** Turns that are left. */
  readonly turnsLeft: number;
  /** Turns so far. */
  readonly turns: readonly { readonly query?: string; readonly documents?: readonly string[] }[];
}

export interface ExpertOptions {
  readonly protocol: Protocol;
  /** Thoughts, queries and answers in the compact format's words; else in sentences. */
  readonly isCompact: boolean;
  /** A query that asks the whole question. */
  wholeQuery(question: string): string;
  /** Passage id → title, for questions whose passages are known and their queries not. */
  titleOf(passage: string): string | undefined;
}

/** What the expert means to do, in words and as an action. */
export interface Intention {
  readonly thought: string;
  readonly query?: string;
  readonly answer?: string;
}

/** An intention as a turn. */
export function write({ thought, query, answer }: Intention, options: ExpertOptions): string {
  const { protocol, isCompact } = options;
  const [open, close] = query === undefined ? protocol.answer : protocol.search;
  const inCase = (text: string) => (isCompact ? text.toLowerCase() : text);
  const content = inCase(harmless(query ?? answer ?? "", protocol));
  const [thinking, thoughtThrough] = protocol.think;
  const before = `${thinking}${inCase(harmless(thought, protocol))}${thoughtThrough}${isCompact ? "" : "\n"}`;
  return `${before}${open}${content}${close}`;
}

/** Questions are anybody's text; a tag in one must not end the turn. */
function harmless(text: string, protocol: Protocol): string {
  return neutralize(text, protocol).replace(/\s+/g, " ").trim();
}
