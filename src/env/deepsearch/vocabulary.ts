/**
 * The words of the `compact` format as a tokenizer.json: those of questions and facts, and the syllables of which
 * names consist, the same in every split and every generated world.
 */
import { SPECIAL, wordLevelJson } from "../word-level-json.ts";
import { FORMAT_WORDS } from "./format-compact.ts";
import { NAME_WORDS } from "./generated/graph.ts";
import { CONTINUES, NAME_PIECES } from "./generated/names.ts";
import {
  COMPARISONS,
  INTERSECTIONS,
  PRODUCTS,
  PROFESSIONS,
  RELATIONS,
  TYPES,
} from "./generated/relations.ts";

/** The tokens by id: special, commands, words, syllables, then the halves of years. */
export function vocabulary(): string[] {
  const phrases = [
    ...RELATIONS.flatMap(({ phrase, question }) => [phrase, question]),
    ...COMPARISONS.flatMap(({ earlier, later }) => [earlier, later]),
    ...INTERSECTIONS.map(({ phrase }) => phrase),
  ];
  const words = phrases
    .flatMap((phrase) => phrase.match(/[A-Za-z]+/g) ?? [])
    // Single capitals stand for names.
    .filter((word) => !/^[XABOP]$/.test(word));
  const spoken = [...words, ...NAME_WORDS, ...PROFESSIONS, ...PRODUCTS, ...TYPES].map((word) =>
    word.toLowerCase(),
  );
  const relations = RELATIONS.map(({ name }) => name);
  const two = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, "0"));
  const years = [...two.slice(15, 19), ...two.map((half) => CONTINUES + half)];
  const all = ["\n", ",", ...FORMAT_WORDS, ...relations, ...spoken.sort()];
  return [...new Set([...SPECIAL, ...all, ...NAME_PIECES, ...years])];
}

/** The text of the tokenizer.json. */
export function tokenizerJson(): string {
  return wordLevelJson(vocabulary());
}
