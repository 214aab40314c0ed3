import { DIALECTS, type DialectRules } from "./dialect.ts";
import type { LOSS_AGGREGATIONS } from "./method-keys.ts";

export type LossAggregation = (typeof LOSS_AGGREGATIONS)[number];

/**
 * What one generated token of each sequence weighs in the loss, Σ weight·loss. A sequence is a trajectory, or what
 * else the dialect calls a row.
 *
 *   token-mean                1 / N             N tokens of the update
 *   token-sum                 1
 *   seq-mean-token-sum        1 / B             B sequences that have a token
 *   seq-mean-token-mean       1 / (B · n_i)     n_i tokens of the sequence
 *   seq-mean-token-sum-norm   1 / (B · L)       L tokens that a sequence may have: Dr.GRPO (arXiv 2503.20783)
 *
 * The counts are those of a whole update, so that its gradient does not depend on how it is cut into
 * micro-batches. Masked tokens are not counted, and weigh 0. A dialect may have B count sequences without tokens,
 * and the norm divide the sum over sequences, 1 / L.
 * @param lengths (B′) generated tokens of each sequence
 * @param norm L
 * @returns weights (B′); 0 for a sequence without tokens
 */
export function lossWeights(
  lengths: readonly number[],
  aggregation: LossAggregation,
  norm: number,
  {
    countsEmptyRows,
    normOfSum,
  }: Pick<DialectRules, "countsEmptyRows" | "normOfSum"> = DIALECTS.empg,
): number[] {
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const sequences = lengths.filter((length) => countsEmptyRows || length > 0).length;
  const weight = (length: number): number => {
    switch (aggregation) {
      case "token-mean":
        return 1 / tokens;
      case "token-sum":
        return 1;
      case "seq-mean-token-sum":
        return 1 / sequences;
      case "seq-mean-token-mean":
        return 1 / (sequences * length);
      case "seq-mean-token-sum-norm":
        return 1 / ((normOfSum ? 1 : sequences) * norm);
    }
  };
  return lengths.map((length) => (length === 0 ? 0 : weight(length)));
}
