/**
 * Search-R1's format check of a whole response, what the environment wrote included: thoughts, then a search
 * and its information or the answer, over and over; only white space outside the tags, nothing after the
 * answer.
 */
import { occurrences, PARTS, type Part, type Protocol } from "./protocol.ts";

type State = "start" | "thought" | "searched" | "informed" | "end";

/** What may open in a state, and where its closing tag leads. */
const TRANSITIONS: Readonly<Record<State, Partial<Record<Part, State>>>> = {
  start: { think: "thought" },
  thought: { search: "searched", answer: "end" },
  searched: { information: "informed" },
  informed: { think: "thought" },
  end: {},
};

/** The response keeps to the format from its first character to its last. */
export function followsFormat(response: string, protocol: Protocol): boolean {
  if (!isBalanced(response, protocol)) return false;
  let state: State = "start";
  let inside: Part | undefined;
  for (const piece of pieces(response, protocol)) {
    if (piece.part === undefined) {
      if (inside === undefined && piece.text.trim() !== "") return false;
    } else if (inside === undefined) {
      if (piece.closes || TRANSITIONS[state][piece.part] === undefined) return false;
      inside = piece.part;
    } else {
      if (!piece.closes || piece.part !== inside) return false;
      state = TRANSITIONS[state][inside] as State;
      inside = undefined;
    }
  }
  return state === "end" && inside === undefined;
}

/** Each of the four opens as often as it closes. */
export function isBalanced(response: string, protocol: Protocol): boolean {
  return PARTS.every((part) => {
    const [open, close] = protocol[part];
    return occurrences(response, open) === occurrences(response, close);
  });
}

interface Piece {
  readonly text: string;
  /** Absent for the text between tags. */
  readonly part?: Part;
  readonly closes?: boolean;
}

function* pieces(response: string, protocol: Protocol): Generator<Piece> {
  const tags = new Map<string, { part: Part; closes: boolean }>();
  for (const part of PARTS) {
    protocol[part].forEach((tag, i) => {
      tags.set(tag, { part, closes: i === 1 });
    });
  }
  const pattern = [...tags.keys()].map((tag) => tag.replace(/[|/]/g, "\\$&")).join("|");
  for (const text of response.split(new RegExp(`(${pattern})`))) {
    if (text !== "") yield { text, ...tags.get(text) };
  }
}
