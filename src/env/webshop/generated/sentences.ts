/** Sentences that fit any product of a shelf, put about one of them. */
import type { Random } from "../../../core/random.ts";
import { pick } from "./chance.ts";
import { type Draft, wordCount } from "./titles.ts";

/** Verbs after a plural that do not just lose their s. */
const PLURALS: Readonly<Record<string, string>> = {
  ...{ is: "are", has: "have", does: "do", goes: "go", reaches: "reach", touches: "touch" },
};

/** One text's sentences, or those of several texts; all come once before any comes again. */
export class Sentences {
  readonly #random: Random;
  readonly #draft: Draft;
  readonly #all: string[];
  #used = 0;

  constructor(random: Random, draft: Draft) {
    this.#random = random;
    this.#draft = draft;
    this.#all = [...draft.shelf.sentences];
  }

  /** The claims, then sentences until there are so many words; never empty. */
  fill(claims: readonly string[], words: number): string {
    const told = [...claims];
    let count = claims.reduce((sum, claim) => sum + wordCount(claim), 0);
    while (told.length === 0 || count < words) {
      const sentence = this.#tell(this.#next());
      told.push(sentence);
      count += wordCount(sentence);
    }
    return told.join(" ");
  }

  /** One step of a shuffle, so that no more is drawn than is used. */
  #next(): string {
    const all = this.#all;
    if (this.#used === all.length) this.#used = 0;
    const at = this.#used + this.#random.integer(all.length - this.#used);
    const sentence = all[at] as string;
    all[at] = all[this.#used] as string;
    all[this.#used++] = sentence;
    return sentence;
  }

  #tell(sentence: string): string {
    const { brand, noun, shelf } = this.#draft;
    const agreed = noun.endsWith("s")
      ? sentence.replace(/(?<=The NOUN )[a-z]+s\b/, (verb) => PLURALS[verb] ?? verb.slice(0, -1))
      : sentence;
    return agreed
      .replace("NOUN", noun)
      .replace("BRAND", brand)
      .replace("USE", () => pick(this.#random, shelf.uses).toLowerCase());
  }
}
