/**
 * The `compact` format for small word-level models, in which invented names are written in syllables:
 *
 *     question who is the spouse of be ##lo ##ra qu ##is      the question, and once more near the agent's turn
 *     search be ##lo ##ra qu ##is                             a turn ends in a newline and has no thoughts
 *     doc be ##lo ##ra qu ##is , born va ##nu , spouse …      a passage a line: its title and what is true of it
 *     answer …
 *
 * Sentences that state nothing are left out; of a passage in other words than the generated world's, its first
 * words are shown. Other answers are one word: none (found), failed, what (no action).
 */
import type { AgentFormat } from "../env.ts";
import { FAILED, NO_HITS } from "./env.ts";
import { spell } from "./generated/names.ts";
import { RELATIONS } from "./generated/relations.ts";
import type { Action } from "./protocol.ts";
import { STANDARD, TurnReader } from "./protocol.ts";

/** Words that are no names, questions' aside. */
export const FORMAT_WORDS: readonly string[] = [
  ..."question search answer doc none failed what".split(" "),
];

/** Words of a passage that states no fact. */
const FIRST_WORDS = 40;
const reader = new TurnReader(STANDARD);
/** Nothing is thought. */
const NO_THOUGHT = STANDARD.think.join("");

/** For every sentence that states a fact: relation, and where its object stands. */
const READINGS = RELATIONS.flatMap(({ name, sentences }) =>
  sentences.map((sentence) => {
    const [before = "", after = ""] = sentence.split(/\bO\b/);
    return { name, before, after };
  }),
);

export const compact: AgentFormat = {
  name: "compact",
  instructions: "",
  stop: "\n",

  opening: (question) => {
    const line = `question ${spelled(question)}\n`;
    return line + line;
  },

  reply(_action, { observation }) {
    if (observation.includes(NO_HITS)) return "none\n";
    if (observation.includes(FAILED)) return "failed\n";
    const found = [...observation.matchAll(/Doc \d+\(Title: "(.*?)"\) (.*)/g)];
    if (found.length === 0) return "what\n";
    return found
      .map(([, title = "", text = ""]) => `doc ${spelled(title)} , ${digest(text)}\n`)
      .join("");
  },

  parse(response) {
    const end = response.indexOf("\n");
    const line = (end < 0 ? response : response.slice(0, end)).replaceAll(" ##", "").trim();
    const [, verb, words = ""] = /^(search|answer) (.+)$/.exec(line) ?? [];
    if (verb === undefined) return line;
    const [open, close] = verb === "search" ? STANDARD.search : STANDARD.answer;
    return `${NO_THOUGHT}${open}${words.trim()}${close}`;
  },

  respond(action) {
    const meant = reader.action(reader.cut(action));
    // What is no action loses its tags, which small models have no words for.
    const words = wordsOf(meant) ?? action.replace(/<[^>]*>?/g, " ");
    const verb = meant.type === "invalid" ? "" : `${meant.type} `;
    const spelt = words.toLowerCase().trim().split(/\s+/).map(spell).join(" ");
    return `${verb}${spelt}\n`;
  },

  /** As if the turns before those shown had not been. */
  recall({ opening, past }) {
    const turns = past.map(({ action, reply }) => `${compact.respond(action)}${reply}`);
    return `${compact.opening(opening)}${turns.join("")}`;
  },
};

function wordsOf(action: Action): string | undefined {
  if (action.type === "search") return action.query;
  return action.type === "answer" ? action.answer : undefined;
}

/** In lower case, without marks, names in syllables. */
function spelled(text: string): string {
  return plainWords(text).map(spell).join(" ");
}

function plainWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** What a passage says, as relations and what they lead to. */
function digest(text: string): string {
  const facts = text.split(/(?<=\.) /).flatMap((sentence) => {
    const reading = READINGS.find(
      ({ before, after }) => sentence.startsWith(before) && sentence.endsWith(after),
    );
    if (!reading) return [];
    const { name, before, after } = reading;
    return [`${name} ${spelled(sentence.slice(before.length, sentence.length - after.length))}`];
  });
  if (facts.length > 0) return facts.join(" , ");
  return plainWords(text).slice(0, FIRST_WORDS).map(spell).join(" ");
}
