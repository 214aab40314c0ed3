/**
 * Invented names, so that nothing can be known from elsewhere: syllables of a consonant and a vowel, and at
 * times one consonant more. A name therefore falls into its syllables in one way, which is how small models
 * read and write it: `belora` is `be ##lo ##ra`.
 */
import { UserError } from "../../../core/errors.ts";
import type { Random } from "../../../core/random.ts";
import { analyze } from "../../../retrieval/analyzer.ts";
import { DEFAULT_OPTIONS } from "../../../retrieval/search-index.ts";
import { ORDINARY_WORDS } from "./ordinary-words.ts";

const CONSONANTS = [..."bdfghjklmnprstvz"];
const VOWELS = [..."aeiou"];
const ENDINGS = [..."klmnrt"];

const SYLLABLES: readonly string[] = CONSONANTS.flatMap((c) => VOWELS.map((v) => c + v));

/** Marks what continues a word. */
export const CONTINUES = "##";

/** Every piece that names and years consist of. */
export const NAME_PIECES: readonly string[] = [
  ...SYLLABLES,
  ...[...SYLLABLES, ...ENDINGS].map((piece) => CONTINUES + piece),
];

const NAME = /^(?:[bdfghjklmnprstvz][aeiou]){2,3}[klmnrt]?$/;

/** A word in the pieces that small models know; any other word as it is. */
export function spell(word: string): string {
  if (/^1[0-9]{3}$/.test(word)) return `${word.slice(0, 2)} ${CONTINUES}${word.slice(2)}`;
  return NAME.test(word) && !ORDINARY_WORDS.has(word)
    ? (word.match(/[a-z][aeiou]?/g) ?? []).join(` ${CONTINUES}`)
    : word;
}

/** Stems that no name may have: those of words that passages and questions use. */
export function stemsOfWords(): Set<string> {
  return new Set(analyze([...ORDINARY_WORDS].join(" "), DEFAULT_OPTIONS));
}

/** So many names in a row that are taken: there are hardly any others. */
const MOST_ATTEMPTS = 10_000;

/** Draws names that no search confuses: no two share a stem. */
export class Names {
  readonly #random: Random;
  readonly #taken: Set<string>;
  readonly #isShort: boolean;

  /**
   * @param taken stems that are in use, to which it adds its own
   * @param isShort two syllables each; else two or three, and often a consonant
   */
  constructor(random: Random, taken: Set<string>, isShort: boolean) {
    this.#random = random;
    this.#taken = taken;
    this.#isShort = isShort;
  }

  next(): string {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const count = this.#isShort ? 2 : 2 + this.#random.integer(2);
      const syllables = this.#random.sample(SYLLABLES, count);
      const ends = !this.#isShort && this.#random.uniform() < 0.6;
      const ending = ends ? this.#random.sample(ENDINGS, 1) : [];
      const name = [...syllables, ...ending].join("");
      const stems = analyze(name, DEFAULT_OPTIONS);
      const [stem] = stems;
      if (stems.length !== 1 || stem === undefined || this.#taken.has(stem)) continue;
      this.#taken.add(stem);
      return name.charAt(0).toUpperCase() + name.slice(1);
    }
    throw new UserError(
      "deepsearch: option world_things: there are not names enough for so many things",
      "ask for fewer, or for world_names=long",
    );
  }

  /** So many different names. */
  many(count: number): string[] {
    return Array.from({ length: count }, () => this.next());
  }
}
