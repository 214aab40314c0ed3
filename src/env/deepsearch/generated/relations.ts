/**
 * What is true of things in the generated world, and how that is said and asked for. X is what a relation is of,
 * O what it leads to. Every relation leads to one thing at most, so a question that follows relations has one
 * answer.
 */
import type { EntityType } from "./words.ts";

export interface Relation {
  /** One word, which compact observations use, too. */
  readonly name: string;
  readonly of: EntityType;
  /** `year` and `word` end a chain. */
  readonly to: EntityType | "year" | "word";
  /** The thing it leads to, as a phrase. */
  readonly phrase: string;
  readonly question: string;
  /** In a passage about X. */
  readonly sentences: readonly string[];
}

const relation = (
  of: EntityType,
  name: string,
  to: Relation["to"],
  [phrase, question, ...sentences]: readonly [string, string, ...string[]],
): Relation => ({ name, of, to, phrase, question, sentences });

export const RELATIONS: readonly Relation[] = [
  relation("person", "born", "town", [
    "the town where X was born",
    "In which town was X born?",
    "They were born in the town of O.",
    "Their life began in O, in a house near the market.",
  ]),
  relation("person", "spouse", "person", [
    "the spouse of X",
    "Who is the spouse of X?",
    "They are married to O.",
    "Their spouse is O.",
  ]),
  relation("person", "teacher", "person", [
    "the teacher of X",
    "Who was the teacher of X?",
    "They learned their craft from O.",
    "Their teacher was O.",
  ]),
  relation("person", "school", "academy", [
    "the academy that X attended",
    "Which academy did X attend?",
    "They attended O for three years.",
    "Their schooling took place at O.",
  ]),
  relation("person", "employer", "company", [
    "the company that X works for",
    "Which company does X work for?",
    "They work for O.",
    "Their employer is O.",
  ]),
  relation("person", "birthyear", "year", [
    "the year in which X was born",
    "In which year was X born?",
    "The year of their birth was O.",
    "They came into the world in O.",
  ]),
  relation("person", "profession", "word", [
    "the profession of X",
    "What is the profession of X?",
    "They earn their living as a O.",
    "Their profession is that of a O.",
  ]),
  relation("company", "seat", "town", [
    "the town where X has its seat",
    "In which town does X have its seat?",
    "It has its seat in O.",
    "Its offices have always been in O.",
  ]),
  relation("company", "founder", "person", [
    "the founder of X",
    "Who founded X?",
    "It was founded by O.",
    "Its founder is O.",
  ]),
  relation("company", "founded", "year", [
    "the year in which X was founded",
    "In which year was X founded?",
    "It was founded in O.",
    "Its first books were opened in O.",
  ]),
  relation("company", "product", "word", [
    "the product of X",
    "What does X make?",
    "It makes O.",
    "It is known for its O.",
  ]),
  relation("town", "region", "region", [
    "the region where X lies",
    "In which region does X lie?",
    "It lies in the region of O.",
    "It belongs to O and sends a delegate there.",
  ]),
  relation("town", "river", "river", [
    "the river that runs through X",
    "Which river runs through X?",
    "The O runs through it.",
    "Its mills stand on the banks of the O.",
  ]),
  relation("town", "mayor", "person", [
    "the mayor of X",
    "Who is the mayor of X?",
    "Its mayor is O.",
    "The council elected O as its mayor.",
  ]),
  relation("book", "author", "person", [
    "the author of X",
    "Who wrote X?",
    "It was written by O.",
    "Its author is O.",
  ]),
  relation("book", "setting", "town", [
    "the town where X is set",
    "In which town is X set?",
    "Its story is set in O.",
    "All of its chapters take place in O.",
  ]),
  relation("book", "published", "year", [
    "the year in which X was published",
    "In which year was X published?",
    "It was published in O.",
    "Readers first held it in their hands in O.",
  ]),
  relation("academy", "place", "town", [
    "the town where X stands",
    "In which town does X stand?",
    "It stands in the town of O.",
    "Its halls were built in O.",
  ]),
  relation("academy", "rector", "person", [
    "the rector of X",
    "Who is the rector of X?",
    "Its rector is O.",
    "It is led by O as rector.",
  ]),
  relation("academy", "opened", "year", [
    "the year in which X was opened",
    "In which year was X opened?",
    "It was opened in O.",
    "Its gates were first unlocked in O.",
  ]),
  relation("region", "capital", "town", [
    "the capital of X",
    "What is the capital of X?",
    "Its capital is O.",
    "It is governed from its capital O.",
  ]),
  relation("region", "governor", "person", [
    "the governor of X",
    "Who is the governor of X?",
    "Its governor is O.",
    "The office of governor is held by O.",
  ]),
  relation("river", "mouth", "town", [
    "the town where X meets the sea",
    "In which town does X meet the sea?",
    "It meets the sea at O.",
    "Its mouth is the harbour of O.",
  ]),
];

/** Years by which two things of a type can be compared, in words. */
export const COMPARISONS: readonly {
  readonly relation: string;
  readonly earlier: string;
  readonly later: string;
}[] = [
  {
    relation: "birthyear",
    earlier: "whoever of A and B was born earlier",
    later: "whoever of A and B was born later",
  },
  {
    relation: "founded",
    earlier: "the older one of the companies A and B",
    later: "the younger one of the companies A and B",
  },
  {
    relation: "published",
    earlier: "the one of the books A and B that was published first",
    later: "the one of the books A and B that was published last",
  },
  {
    relation: "opened",
    earlier: "the older one of the academies A and B",
    later: "the younger one of the academies A and B",
  },
];

/** Two facts that together hold for few things, in words; O and P are what they lead to. */
export const INTERSECTIONS: readonly {
  readonly of: EntityType;
  readonly relations: readonly [string, string];
  readonly phrase: string;
}[] = [
  {
    of: "company",
    relations: ["product", "seat"],
    phrase: "the company that makes O and has its seat in P",
  },
  { of: "person", relations: ["profession", "born"], phrase: "the O who was born in P" },
  { of: "book", relations: ["author", "setting"], phrase: "the book by O that is set in P" },
];
