import type { TextStream } from "./tokenizer.ts";

/** Says when one of some strings stands in a turn, wherever its tokens begin and end. */
export class StopStrings {
  readonly #strings: readonly string[];
  readonly #stream: TextStream | undefined;
  readonly #keep: number;
  /** The end of the turn's text: one character more would hold the longest string. */
  #tail = "";

  /** @param stream of the turn's tokens, from its first on */
  constructor(strings: readonly string[], stream: () => TextStream) {
    this.#strings = strings;
    this.#stream = strings.length === 0 ? undefined : stream();
    this.#keep = Math.max(0, ...strings.map(({ length }) => length - 1));
  }

  /** True when the token completes a string. */
  push(id: number): boolean {
    if (this.#stream === undefined) return false;
    const text = this.#tail + this.#stream.push(id);
    this.#tail = this.#keep === 0 ? "" : text.slice(-this.#keep);
    return this.#strings.some((string) => text.includes(string));
  }
}
