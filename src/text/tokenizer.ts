/** Text to token ids and back. */
export interface Tokenizer {
  readonly vocabularySize: number;
  /** Ids of a text; nothing is added before or after it. */
  encode(text: string): number[];
  /** The text of ids, special tokens included; an id outside the vocabulary is a RangeError. */
  decode(ids: Iterable<number>): string;
  idOf(token: string): number | undefined;
  /** The token that ends an agent's turn. */
  readonly endOfTurn: number;
  /** Fills the unused places of a batch; never part of a text. */
  readonly pad: number;
}
