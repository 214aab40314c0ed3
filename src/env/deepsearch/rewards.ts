/**
 * What an episode earns at its end, by the rules of eight programs. Every rule about form fails for an episode
 * whose agent wrote an information tag itself.
 */
import { followsFormat, isBalanced } from "./format-automaton.ts";
import { normalize, normalizeR1Searcher } from "./normalize.ts";
import { occurrences, type Protocol } from "./protocol.ts";
import {
  coverMatch,
  exactMatch,
  f1,
  type ScoringOptions,
  setF1,
  substringMatch,
} from "./scoring.ts";

/** An episode that is over, as far as rewards look at it. */
export interface Ended {
  readonly accepted: readonly string[];
  /** Absent: the episode ended without one. */
  readonly answer?: string | undefined;
  /** Everything after the prompt, as it stands: the agent's turns and what the environment said. */
  readonly response: string;
  /** The agent's turns alone. */
  readonly turns: readonly string[];
  /** The blocks that showed passages; a remark in their place is none. */
  readonly information: readonly string[];
  readonly searches: number;
  readonly allValid: boolean;
  readonly forged: boolean;
  readonly contextFull: boolean;
  readonly protocol: Protocol;
}

/** Parameters of `search-r1-format`, by their names in its scripts, and of F1. */
export interface RewardOptions extends ScoringOptions {
  readonly structureFormatScore: number;
  readonly finalFormatScore: number;
  readonly retrievalScore: number;
}

export type Reward = (ended: Ended, options: RewardOptions) => number;

/** A score of the answer; nothing without one. */
const ofAnswer =
  (
    score: (answer: string, accepted: readonly string[], options: ScoringOptions) => number,
  ): Reward =>
  ({ answer, accepted }, options) =>
    answer === undefined ? 0 : score(answer, accepted, options);

const em = ofAnswer(exactMatch);

/** By name; the first is the default. */
export const REWARDS: Readonly<Record<string, Reward>> = {
  em,
  subem: ofAnswer(substringMatch),
  f1: ofAnswer((answer, accepted, options) => f1(answer, accepted, options)),

  "search-r1-format": (ended, options) => {
    const { structureFormatScore, finalFormatScore, retrievalScore } = options;
    const inForm = isInForm(ended);
    if (em(ended, options) === 1) return inForm ? 1 : 1 - structureFormatScore;
    if (inForm) return structureFormatScore + (showsAnswer(ended) ? retrievalScore : 0);
    return ended.answer === undefined ? 0 : finalFormatScore;
  },

  deepresearcher: ({ answer, accepted, response, forged, protocol }) => {
    if (forged || answer === undefined || !isBalanced(response, protocol)) return -1;
    return setF1(answer, accepted);
  },

  "r1-searcher": (ended) => {
    const { answer, accepted, searches } = ended;
    const right = answer !== undefined && coverMatch(answer, accepted) === 1;
    const retrieval = searches > 0 && hasWholeRetrievals(ended) ? 0.5 : 0;
    return (right ? 1 : -1) + retrieval + (hasOneAnswer(ended) ? 0.5 : 0);
  },

  "r1-searcher-2": (ended, options) => {
    const { answer, accepted } = ended;
    const score = answer === undefined ? 0 : f1(answer, accepted, options, normalizeR1Searcher);
    return score - (hasWholeRetrievals(ended) && hasOneAnswer(ended) ? 0 : 2);
  },

  asearcher: ({ answer, accepted, allValid, forged }) =>
    answer === undefined || !allValid || forged ? 0 : setF1(answer, accepted),

  tinker: (ended, options) => {
    const { answer, allValid, forged, contextFull } = ended;
    if (contextFull) return -0.1;
    const inForm = answer !== undefined && allValid && !forged;
    return em(ended, options) + 0.1 * ((inForm ? 1 : 0) - 1);
  },
};

/**
 * V of Search-R1's table. An invalid turn fails it whatever was replied: a notice is text outside the tags, and where
 * nothing or an empty block is replied, it is as if that stood there.
 */
export function isInForm({ response, protocol, forged, allValid }: Ended): boolean {
  return !forged && allValid && followsFormat(response, protocol);
}

/** R of Search-R1's table: an accepted answer stands in something retrieved. */
export function showsAnswer({
  information,
  accepted,
}: Pick<Ended, "information" | "accepted">): boolean {
  const wanted = accepted.map(normalize).filter((answer) => answer !== "");
  return information.some((block) => {
    const text = normalize(block);
    return wanted.some((answer) => text.includes(answer));
  });
}

/** Query and document tags come in pairs. */
function hasWholeRetrievals({ response, protocol, forged }: Ended): boolean {
  const paired = ([open, close]: readonly [string, string]) =>
    occurrences(response, open) === occurrences(response, close);
  return !forged && paired(protocol.search) && paired(protocol.information);
}

/** The agent closed its thoughts once and gave one answer. */
function hasOneAnswer({ turns, protocol, forged }: Ended): boolean {
  const text = turns.join("\n");
  const once = (tag: string) => occurrences(text, tag) === 1;
  const { think, answer } = protocol;
  return !forged && once(think[1]) && once(answer[0]) && once(answer[1]);
}
