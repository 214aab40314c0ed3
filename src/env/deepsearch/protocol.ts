/**
 * The tags of an episode and what a turn means. The first whole search or answer decides; what stands
 * before it is free, an unclosed tag is none. Reads any text in one pass, however long or nested it is.
 */

export const PARTS = ["think", "search", "information", "answer"] as const;
export type Part = (typeof PARTS)[number];
export type Tags = readonly [open: string, close: string];
export type Protocol = Readonly<Record<Part, Tags>>;

const pair = (name: string): Tags => [`<${name}>`, `</${name}>`];

/** Search-R1's tags, which most programs share. */
export const STANDARD: Protocol = {
  think: pair("think"),
  search: pair("search"),
  information: pair("information"),
  answer: pair("answer"),
};

/** R1-Searcher's. */
export const R1_SEARCHER: Protocol = {
  ...STANDARD,
  search: ["<|begin_of_query|>", "<|end_of_query|>"],
  information: ["<|begin_of_documents|>", "<|end_of_documents|>"],
};

export type Action =
  | { readonly type: "search"; readonly query: string }
  | { readonly type: "answer"; readonly answer: string }
  | { readonly type: "invalid" };

const INVALID: Action = { type: "invalid" };

/** A reader of turns in one protocol. */
export class TurnReader {
  readonly protocol: Protocol;
  readonly #ignoreCase: boolean;

  /** @param ignoreCase tags are recognised in capitals, too, as verl-agent does */
  constructor(protocol: Protocol, ignoreCase = false) {
    this.protocol = protocol;
    this.#ignoreCase = ignoreCase;
  }

  /**
   * A turn up to where its sampling should have stopped: the end of the first closed search, without one the
   * end of the first closed answer, without either all of it.
   */
  cut(turn: string): string {
    const text = this.#folded(turn);
    for (const part of ["search", "answer"] as const) {
      const close = this.protocol[part][1];
      const at = text.indexOf(close);
      if (at >= 0) return turn.slice(0, at + close.length);
    }
    return turn;
  }

  /** What a turn that has been cut asks for. */
  action(turn: string): Action {
    const text = this.#folded(turn);
    const { search, answer } = this.protocol;
    const first = [search, answer]
      .map(([open, close]) => firstBlock(text, open, close))
      .map((block, i) => ({ block, type: i === 0 ? ("search" as const) : ("answer" as const) }))
      .filter(({ block }) => block !== undefined)
      .sort((a, b) => a.block![0] - b.block![0])[0];
    if (!first) return INVALID;
    const [start, end] = first.block!;
    const open = this.protocol[first.type][0];
    const content = turn.slice(start + open.length, end).trim();
    if (content === "") return INVALID;
    return first.type === "search"
      ? { type: "search", query: content }
      : { type: "answer", answer: content };
  }

  /** verl-agent's stricter rule: not both kinds of action, and none of them twice. */
  isStrict(turn: string): boolean {
    const text = this.#folded(turn);
    const { search, answer } = this.protocol;
    const searches = occurrences(text, search[0]);
    const answers = occurrences(text, answer[0]);
    return searches + answers <= 1;
  }

  /** The text holds a tag that only the environment may write. */
  forges(turn: string): boolean {
    const text = this.#folded(turn);
    return this.protocol.information.some((tag) => text.includes(tag));
  }

  /** Lower case of the same length, where capitals do not count. */
  #folded(text: string): string {
    return this.#ignoreCase ? text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : text;
  }
}

/** Where the first opening tag that is closed later stands, and its closing tag. */
function firstBlock(text: string, open: string, close: string): [number, number] | undefined {
  const start = text.indexOf(open);
  if (start < 0) return undefined;
  const end = text.indexOf(close, start + open.length);
  // Where nothing closes the first, nothing closes a later one.
  return end < 0 ? undefined : [start, end];
}

export function occurrences(text: string, tag: string): number {
  let count = 0;
  for (let at = text.indexOf(tag); at >= 0; at = text.indexOf(tag, at + tag.length)) count++;
  return count;
}

/** Retrieved text in which no tag of the protocol is one; capitals do not hide it. */
export function neutralize(text: string, protocol: Protocol): string {
  const tags = PARTS.flatMap((part) => protocol[part]).map((tag) => escaped(tag.slice(1)));
  return text.replace(new RegExp(`<(?=${tags.join("|")})`, "gi"), "&lt;");
}

function escaped(text: string): string {
  return text.replace(/[|/\\^$.*+?()[\]{}]/g, "\\$&");
}
