/**
 * `algorithm.dialect`: the rules in which peers differ, so that a number of ours can be compared with one of theirs.
 * "empg" is ours, "verl" and "verl-agent" are the published trainers of those names.
 *
 * The nine places, and what a row is:
 *  1. GAE over masked tokens: it passes over what was not sampled. In verl-agent rows are steps, so that GAE runs inside
 *     each step, with the episode's return at its last token
 *  2. the factor of the value loss: `valueLossFactor`
 *  3. REINFORCE++'s reset at masked tokens: that method is not among ours
 *  4. the limit on ln r: `logRatioLimit`. verl-agent has none, and e^x leaves single precision at 88; here r ends at e^80
 *  5. the limits on k3: `k3Limit` for its value; verl's ±20 on its input lies beyond what that one lets pass. Ours has
 *     none, but goes on along a straight line where ln ref − ln π is past 20
 *  6. the token mean's denominator: no difference. verl-agent adds 1e-8 to the count of tokens, which single precision
 *     does not see, and its count of one micro-batch is the whole update's here
 *  7. rows without tokens in sequence means: `countsEmptyRows`
 *  8. the norm mode: `normOfSum`
 *  9. NaN at masked positions: no difference, a batch has no masked positions
 *  10. the row, an episode or a step: `row`. A step's row has the episode's return, less what that step alone cost, and its
 *     part of GiGPO likewise. Rows copied to fill a batch do not exist here
 *
 * Beside them stand a group of one row (`lonely`) and the overlong punishment's end (`overlongEnds`). Two differences have no rule
 * here: where dynamic sampling's rounds are spent, verl-agent learns from the last batch as it is, uniform groups and all,
 * ours from the groups that differ; and GiGPO's similarity is the published measure, not difflib's (../core/text-similarity.ts).
 * The baseline of "reinforce" is ours alone and the same in all of them.
 */

/** What a method's statistics and sequence means run over. */
export type RowMeaning = "episode" | "step";

export interface DialectRules {
  /** One row, one vote: an episode, or each of its steps with the episode's return before costs, less its own. */
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
  /** What the squared error of a value is multiplied by. */
  readonly valueLossFactor: number;
  /** The overlong punishment ends at the limit, or goes on growing. */
  readonly overlongEnds: boolean;
}

/** As large as single precision goes: no limit. */
const NONE = 3e38;
/** As far as e^x goes there, with room for an advantage's and a weight's size. */
const LARGEST_EXPONENT = 80;

export const DIALECTS = {
  empg: {
    row: "episode",
    lonely: "zero",
    logRatioLimit: 20,
    k3Limit: NONE,
    countsEmptyRows: false,
    normOfSum: false,
    valueLossFactor: 0.5,
    overlongEnds: true,
  },
  verl: {
    row: "episode",
    lonely: "raw",
    logRatioLimit: 20,
    k3Limit: 10,
    countsEmptyRows: false,
    normOfSum: false,
    valueLossFactor: 0.5,
    overlongEnds: false,
  },
  "verl-agent": {
    row: "step",
    lonely: "raw",
    logRatioLimit: LARGEST_EXPONENT,
    k3Limit: 10,
    countsEmptyRows: true,
    normOfSum: true,
    valueLossFactor: 1,
    overlongEnds: false,
  },
} as const satisfies Record<string, DialectRules>;

export type Dialect = keyof typeof DIALECTS;

export const DIALECT_NAMES = Object.keys(DIALECTS) as [Dialect, ...Dialect[]];
