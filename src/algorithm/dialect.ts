/**
 * `algorithm.dialect`: the rules in which peers differ, so that a number of ours can be compared with one of theirs.
 * "empg" is ours, "verl" and "verl-agent" are the published trainers of those names.
 *
 * Where a rule makes no difference here there is none in the table:
 *  - rows copied to fill a batch, and NaN at masked positions: a batch has neither; prompts and observations are no rows
 *  - the token mean's denominator, the count of tokens + 1e-8: single precision does not see it, and the count is
 *    always the whole update's
 *  - k3's input held within ±20, where its value is held within ±10 afterwards
 *  - REINFORCE++'s reset at masked tokens: that method is not among ours
 */

/** What a method's statistics and sequence means run over. */
export type RowMeaning = "episode" | "step";

export interface DialectRules {
  /** One row, one vote: an episode, or each of its steps with the episode's return. */
  readonly row: RowMeaning;
  /** What a group of one row has for an advantage: nothing, or its return with mean 0 and deviation 1. */
  readonly lonely: "zero" | "raw";
  /** ln r is held within ± so much, past which the surrogate is constant. */
  readonly logRatioLimit: number;
  /** k3 is held below so much, past which it has no gradient. */
  readonly k3Limit: number;
  /** Sequence means count rows without a token. */
  readonly countsEmptyRows: boolean;
  /** seq-mean-token-sum-norm divides the sum over rows, not their mean. */
  readonly normOfSum: boolean;
  /** The overlong punishment ends at the limit, or goes on growing. */
  readonly overlongEnds: boolean;
}

/** As large as single precision goes: no limit. */
const NONE = 3e38;

export const DIALECTS = {
  empg: {
    row: "episode",
    lonely: "zero",
    logRatioLimit: 20,
    k3Limit: NONE,
    countsEmptyRows: false,
    normOfSum: false,
    overlongEnds: true,
  },
  verl: {
    row: "episode",
    lonely: "raw",
    logRatioLimit: 20,
    k3Limit: 10,
    countsEmptyRows: false,
    normOfSum: false,
    overlongEnds: false,
  },
  "verl-agent": {
    row: "step",
    lonely: "raw",
    logRatioLimit: NONE,
    k3Limit: 10,
    countsEmptyRows: true,
    normOfSum: true,
    overlongEnds: false,
  },
} as const satisfies Record<string, DialectRules>;

export type Dialect = keyof typeof DIALECTS;

export const DIALECT_NAMES = Object.keys(DIALECTS) as [Dialect, ...Dialect[]];
