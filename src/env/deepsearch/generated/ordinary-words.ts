import { FILLER, FIRST_SENTENCES, MENTIONS, NAMED } from "./prose.ts";
import { COMPARISONS, INTERSECTIONS, RELATIONS } from "./relations.ts";
import { NAME_WORDS, PRODUCTS, PROFESSIONS, TYPES } from "./words.ts";

/** Every word of passages and questions, invented names aside, in lower case. */
export const ORDINARY_WORDS: ReadonlySet<string> = new Set(
  [
    ...RELATIONS.flatMap(({ name, phrase, question, sentences }) => [
      ...[name, phrase, question],
      ...sentences,
    ]),
    ...COMPARISONS.flatMap(({ earlier, later }) => [earlier, later]),
    ...INTERSECTIONS.map(({ phrase }) => phrase),
    ...[...Object.values(FIRST_SENTENCES), ...NAMED, ...MENTIONS],
    ...[...FILLER.person, ...FILLER.other, ...TYPES, ...PROFESSIONS, ...PRODUCTS, ...NAME_WORDS],
  ].flatMap((text) => text.toLowerCase().match(/[a-z]+/g) ?? []),
);
