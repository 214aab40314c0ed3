/** What an episode tells of itself beside its reward; evaluations average these by source. */
import type { Question } from "./question.ts";
import { type Ended, showsAnswer } from "./rewards.ts";
import { coverMatch, exactMatch, f1, substringMatch } from "./scoring.ts";

/** One turn, as the world took it. */
export interface TurnInfo {
  readonly type: "search" | "answer" | "invalid";
  readonly query?: string;
  readonly answer?: string;
  readonly valid: boolean;
  /** The agent wrote a tag that only the environment may write. */
  readonly forged: boolean;
  /** The same query was asked before; only of a search that was carried out. */
  readonly repeated?: boolean;
  /** Ids of the passages shown, and their scores. */
  readonly documents?: readonly string[];
  readonly scores?: readonly (number | null)[];
  readonly observationTruncated?: boolean;
  readonly retrieverError?: string;
  /** What a search showed; absent where it found no passage. */
  readonly information?: string;
  readonly responseTokens: number;
  readonly observationTokens: number;
}

/**
 * Shares are in [0, 1]. Where something cannot be said (supporting passages nobody named, repeated queries without
 * a search) it is left out, so that a mean is over those episodes that have it.
 */
export function scoresOf(
  ended: Ended,
  turns: readonly TurnInfo[],
  supporting: Question["supporting"],
  shown: ReadonlyMap<string, string>,
): Record<string, number> {
  const { answer, accepted, searches } = ended;
  const of = (score: (answer: string, accepted: readonly string[]) => number) =>
    answer === undefined ? 0 : score(answer, accepted);
  const sum = (value: (turn: TurnInfo) => number) =>
    turns.reduce((total, turn) => total + value(turn), 0);
  const em = of(exactMatch);
  const found = supporting.filter((one) => one.some((id) => shown.has(id))).length;
  const recall = supporting.length === 0 ? undefined : found / supporting.length;
  const informed = showsAnswer(ended);
  const valid = sum((turn) => (turn.valid ? 1 : 0));
  return {
    em,
    f1: of((given, wanted) => f1(given, wanted)),
    subem: of(substringMatch),
    coverem: of(coverMatch),
    answered: answer === undefined ? 0 : 1,
    searches,
    valid_actions: valid,
    valid_action_ratio: valid / Math.max(turns.length, 1),
    answer_in_information: informed ? 1 : 0,
    ...(recall === undefined ? {} : { supporting_recall: recall }),
    ...(recall === 1 ? { em_when_all_supporting: em } : {}),
    ...(informed ? { em_when_answer_shown: em } : {}),
    ...(searches === 0
      ? {}
      : { repeated_queries: sum(({ repeated }) => (repeated ? 1 : 0)) / searches }),
    observations_truncated: sum((turn) => (turn.observationTruncated ? 1 : 0)),
    retriever_errors: sum((turn) => (turn.retrieverError === undefined ? 0 : 1)),
    response_tokens: sum(({ responseTokens }) => responseTokens),
    observation_tokens: sum(({ observationTokens }) => observationTokens),
  };
}
