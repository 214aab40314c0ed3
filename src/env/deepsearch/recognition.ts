/**
 * Passages of a server under the names by which a question knows them. A server's ids are its own or none, so a
 * passage that the question needs is recognised by what it says, else by its title.
 */
import { type FoundPassage, type Passage, titleAndText } from "../../retrieval/retriever.ts";
import type { Question } from "./question.ts";

/** What has more characters is no passage that a question came with. */
const LONGEST = 1_000_000;

export class Recognition {
  readonly #own: ReadonlyMap<string, Passage>;

  /** @param own passages that came with the questions, by their ids */
  constructor(own: ReadonlyMap<string, Passage>) {
    this.#own = own;
  }

  /** It can be told of every passage that the question needs whether it was shown. */
  knows({ supporting }: Question): boolean {
    return supporting.every((ids) => ids.some((id) => this.#own.has(id)));
  }

  /** The question's id for a passage that it needs; of others the server's. */
  idOf(found: FoundPassage, { supporting, steps }: Question): string {
    const ids = [...supporting.flat(), ...steps.flatMap(({ passages = [] }) => passages)];
    const needed = ids.flatMap((id) => this.#own.get(id) ?? []);
    if (needed.length === 0 || found.contents.length > LONGEST) return found.id;
    const same = (part: (contents: string) => string) => {
      const wanted = part(found.contents);
      return wanted === ""
        ? undefined
        : needed.find(({ contents }) => part(contents) === wanted)?.id;
    };
    return same(plain) ?? same((contents) => plain(titleAndText(contents).title)) ?? found.id;
  }
}

function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim().toLowerCase();
}
