/** What the compact format says of questions and passages: relations, and the names between them in syllables. */
import { asked } from "./generated/asked.ts";
import { spell } from "./generated/names.ts";
import { RELATIONS } from "./generated/relations.ts";

/** Words of a question or a passage that is not the generated world's. */
const FIRST_WORDS = 40;

/** For every sentence that states a fact: relation, and where its object stands. */
const READINGS = RELATIONS.flatMap(({ name, sentences }) =>
  sentences.map((sentence) => {
    const [before = "", after = ""] = sentence.split(/\bO\b/);
    return { name, before, after };
  }),
);

/** A question as what it starts from and the relations from there, in their order: `belora quis , born region`. */
export function keywords(question: string): string {
  const parts = asked(question);
  if (!parts) return plainWords(question).slice(-FIRST_WORDS).join(" ");
  const { heads, marks, relations } = parts;
  const starts = heads.map((head, i) => `${marks[i]} ${head}`.trim());
  return [...starts, relations.join(" ")].join(" , ").toLowerCase();
}

/** What a passage says, as relations and what they lead to; else its first words. */
export function digest(text: string): string {
  const facts = text.split(/(?<=\.) /).flatMap((sentence) => {
    const reading = READINGS.find(
      ({ before, after }) => sentence.startsWith(before) && sentence.endsWith(after),
    );
    if (!reading) return [];
    const { name, before, after } = reading;
    return [`${name} ${spelled(sentence.slice(before.length, sentence.length - after.length))}`];
  });
  return facts.length > 0 ? facts.join(" , ") : spelled(text, FIRST_WORDS);
}

/** In lower case, names in syllables, marks other than commas left out. */
export function spelled(text: string, most = Number.POSITIVE_INFINITY): string {
  return plainWords(text).slice(0, most).map(spell).join(" ");
}

function plainWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+|,/gu) ?? [];
}
