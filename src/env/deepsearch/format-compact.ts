/**
 * The `compact` format for small word-level models, in which invented names are written in syllables:
 *
 *     question be ##lo ##ra qu ##is , born region     who the question starts from, the relations to its answer
 *     search be ##lo ##ra qu ##is                     a turn ends in a newline;
 *     doc be ##lo ##ra qu ##is , born va ##nu , …     a passage a line: its title and what is true of it
 *     born va ##nu search va ##nu town                what stands before search or answer is the thought
 *     doc va ##nu , region te ##si , …
 *     region te ##si answer te ##si
 *
 * Of two that are compared, `earlier birthyear A , B , spouse`; of one given by two facts, `product O , seat P , …`.
 * Sentences that state nothing are left out; of a passage in other words than the generated world's, its first
 * words are shown. Other answers are one word: none (found), failed, what (no action).
 */
import type { AgentFormat } from "../env.ts";
import { digest, keywords, spelled } from "./compact-words.ts";
import { FAILED, NO_HITS } from "./episode-rules.ts";
import { spell } from "./generated/names.ts";
import { STANDARD, TurnReader } from "./protocol.ts";

/** Words that are neither the generated world's nor its relations. */
export const FORMAT_WORDS: readonly string[] = [
  ..."question search answer doc none failed what earlier later".split(" "),
];

const reader = new TurnReader(STANDARD);

export const compact: AgentFormat = {
  name: "compact",
  instructions: "",
  stop: "\n",

  opening: (question) => `question ${inSyllables(keywords(question))}\n`,

  reply(_action, { observation }) {
    const [open, close] = STANDARD.information;
    const block = observation.trim();
    if (!block.startsWith(open) || !block.endsWith(close)) return "what\n";
    const inside = block.slice(open.length, -close.length);
    if (inside === NO_HITS) return "none\n";
    if (inside === FAILED) return "failed\n";
    const found = [...inside.matchAll(/^Doc \d+\(Title: "(.*?)"\) (.*)/gm)];
    const lines = found.map(([, title = "", text = ""]) => {
      return `doc ${spelled(title.replaceAll(",", " "))} , ${digest(text)}\n`;
    });
    return lines.length > 0 ? lines.join("") : "none\n";
  },

  parse(response) {
    const end = response.indexOf("\n");
    const line = (end < 0 ? response : response.slice(0, end)).replaceAll(" ##", "").trim();
    const [, thought = "", verb, words = ""] =
      /^(?:(.*?) )??(search|answer) (.+)$/.exec(line) ?? [];
    if (verb === undefined) return line;
    const [open, close] = verb === "search" ? STANDARD.search : STANDARD.answer;
    const [thinking, thoughtThrough] = STANDARD.think;
    return `${thinking}${thought.trim()}${thoughtThrough}${open}${words.trim()}${close}`;
  },

  respond(action) {
    const turn = reader.cut(action);
    const meant = reader.action(turn);
    // What is no action loses its tags, which small models have no words for.
    if (meant.type === "invalid") return `${inSyllables(action.replace(/<[^>]*>?/g, " "))}\n`;
    const words = meant.type === "search" ? meant.query : meant.answer;
    return `${inSyllables(`${thoughtOf(turn)} ${meant.type} ${words}`)}\n`;
  },

  /** As if the turns before those shown had not been. */
  recall({ opening, past }) {
    const turns = past.map(({ action, reply }) => `${compact.respond(action)}${reply}`);
    return `${compact.opening(opening)}${turns.join("")}`;
  },
};

function thoughtOf(turn: string): string {
  const [open, close] = STANDARD.think;
  const start = turn.indexOf(open);
  const end = turn.indexOf(close);
  return start < 0 || end < start ? "" : turn.slice(start + open.length, end);
}

function inSyllables(words: string): string {
  return words.toLowerCase().trim().split(/\s+/).map(spell).join(" ");
}
