/** A question with what is known about it. */
export interface Question {
  readonly id: string;
  /** Which set it comes from, such as `hotpotqa`; results are reported by it. */
  readonly source: string;
  readonly question: string;
  /** One at least. */
  readonly accepted: readonly string[];
  /** For each fact of the answer's chain, in its order, the passages that state it; empty where nobody said. */
  readonly supporting: readonly (readonly string[])[];
  /** Passages in which the answer stands, where the chain is not known. */
  readonly answerPassages: readonly string[];
  /** Questions of one hop in order; `#1` stands for the first one's answer. Empty where nobody said. */
  readonly steps: readonly HopStep[];
}

export interface HopStep {
  /** A query that finds the passage. */
  readonly query: string;
  readonly answer?: string | undefined;
  /** What to think once it is known, in the compact format's words. */
  readonly thought?: string | undefined;
  /** Passages that answer it. */
  readonly passages?: readonly string[] | undefined;
}
