/** Sentences of the generated world that state no relation; N is the name of the thing a passage is about. */
import type { EntityType } from "./words.ts";

/** What a passage says first; N is the name. */
export const FIRST_SENTENCES: Readonly<Record<EntityType, string>> = {
  person: "N is a well known member of the community.",
  town: "N is a town of middling size.",
  company: "N is a company with a long tradition.",
  book: "N is a book in three volumes.",
  academy: "N is an academy for young people.",
  region: "N is a region of hills and fields.",
  river: "The N is a river of some length.",
};

/** Said of anything; N is the name. */
export const NAMED: readonly string[] = [
  "Much has been written about N.",
  "Older neighbours still tell stories about N.",
  "Whoever asks for N is answered kindly.",
];

/** What is true of nothing in particular. */
export const FILLER: Readonly<Record<"person" | "other", readonly string[]>> = {
  person: [
    "They keep bees and sell the honey at the fair.",
    "In winter they play chess with the neighbours.",
    "They are fond of long walks before breakfast.",
    "A collection of old coins is their pride.",
    "They sing in a choir and play the flute.",
    "Few people have seen them without a hat.",
    "They speak slowly and rarely raise their voice.",
    "Every spring they plant a row of apple trees.",
  ],
  other: [
    "Visitors praise the quiet evenings there.",
    "In old records the spelling of the name varies.",
    "A fire did some damage a long time ago, and all was repaired.",
    "There is a festival with music at the end of summer.",
    "A small museum shows letters, maps and tools.",
    "Students draw it from the hill in good weather.",
    "An annual report is printed and sent to friends.",
    "Opinions about it differ, but nobody is indifferent.",
  ],
};

/** Where another thing is mentioned without being related; O is its name. */
export const MENTIONS: readonly string[] = [
  "A letter that mentions O is kept in a drawer.",
  "Some people confuse it with a story about O.",
  "On the wall hangs a picture that was a gift from friends of O.",
  "An old song names O in the same verse.",
];
