/**
 * The words of the `compact` format as a tokenizer.json: those of questions and facts, and the syllables of which
 * names consist, the same in every split and every generated world.
 */
import { SPECIAL, wordLevelJson } from "../word-level-json.ts";
import { FORMAT_WORDS } from "./format-compact.ts";
import { CONTINUES, NAME_PIECES } from "./generated/names.ts";
import { RELATIONS } from "./generated/relations.ts";
import { NAME_WORDS, PRODUCTS, PROFESSIONS, TYPES } from "./generated/words.ts";

/** The tokens by id: special, commands, words, syllables, then the halves of years. */
export function vocabulary(): string[] {
  const relations = RELATIONS.map(({ name }) => name);
  const words = [...NAME_WORDS, ...PROFESSIONS, ...PRODUCTS, ...TYPES].map((word) =>
    word.toLowerCase(),
  );
  const two = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, "0"));
  const years = [...two.slice(15, 19), ...two.map((half) => CONTINUES + half)];
  const all = ["\n", ",", ...FORMAT_WORDS, ...relations, ...words.sort()];
  return [...new Set([...SPECIAL, ...all, ...NAME_PIECES, ...years])];
}

/** The text of the tokenizer.json. */
export function tokenizerJson(): string {
  return wordLevelJson(vocabulary());
}
