/**
 * Tokens that stand beside a vocabulary and are found in a text before it is cut into words. One of a
 * single character cannot be broken up.
 */
export class AddedTokens {
  readonly ids: ReadonlyMap<string, number>;
  readonly #values: ReadonlySet<number>;
  readonly #pattern: RegExp | undefined;

  constructor(ids: ReadonlyMap<string, number>) {
    this.ids = ids;
    this.#values = new Set(ids.values());
    // The first alternative wins: where one content begins another, the longer one is meant.
    const contents = [...ids.keys()].sort((a, b) => b.length - a.length);
    const pattern = contents.map(RegExp.escape).join("|");
    this.#pattern = contents.length === 0 ? undefined : new RegExp(`(${pattern})`, "gu");
  }

  has(id: number): boolean {
    return this.#values.has(id);
  }

  /**
   * Ids of a text: added tokens as themselves, what is between them by `encode`.
   * @param guard left out of what is between them
   */
  encode(text: string, guard: string | undefined, encode: (text: string) => number[]): number[] {
    const pieces = this.#pattern === undefined ? [text] : text.split(this.#pattern);
    return pieces.flatMap((piece, i) => {
      // A pattern with one group leaves what it matched at the odd places.
      if (i % 2 === 1) return [this.ids.get(piece)!];
      return encode(guard === undefined ? piece : piece.replaceAll(guard, ""));
    });
  }

  /** The text with a guard behind every character of an added token: none is found in it again. */
  breakUp(text: string, guard: string): string {
    if (this.#pattern === undefined) return text;
    return text.replace(this.#pattern, (token) => Array.from(token, (c) => c + guard).join(""));
  }
}
