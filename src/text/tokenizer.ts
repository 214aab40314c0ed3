/** Text to token ids and back. */
export interface Tokenizer {
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /**
   * Ids of anybody's text; nothing is added before or after it. What looks like an added token
   * (`<|im_end|>`) is spelled out like any other word: a text from outside cannot end a turn.
   */
  encode(text: string): number[];
  /**
   * Ids of a text whose added tokens are meant, as a chat template writes them.
   * @param guard a character that is left out once added tokens are found: what it stands in is none
   */
  encodeMarkup(text: string, guard?: string): number[];
  /** Anybody's text as a part of markup: with `guard` inside whatever looks like an added token. */
  breakUp(text: string, guard: string): string;
  /** The text of ids, added tokens included; an id outside the vocabulary is a RangeError. */
  decode(ids: Iterable<number>): string;
  /** The same text id by id. */
  stream(): TextStream;
  idOf(token: string): number | undefined;
  /** An added token stands for itself and is part of no text. */
  isAdded(id: number): boolean;
  /** The token that ends an agent's turn. */
  readonly endOfTurn: number;
  /** Every token that ends a turn, `endOfTurn` among them. */
  readonly stops: ReadonlySet<number>;
  /** Fills the unused places of a batch; never part of a text. */
  readonly pad: number;
}

/** Text as its ids arrive. What `push` and `end` returned, joined, is what `decode` gives for all ids. */
export interface TextStream {
  /** The characters that the id completes; the beginning of a character waits for its rest. */
  push(id: number): string;
  /** What never was completed, as replacement characters. */
  end(): string;
}

/** The text of ids, all at once. */
export function decodeWith(stream: TextStream, ids: Iterable<number>): string {
  let text = "";
  for (const id of ids) text += stream.push(id);
  return text + stream.end();
}
