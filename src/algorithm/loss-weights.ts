export type LossAggregation = "token-mean" | "seq-mean-token-sum" | "seq-mean-token-mean";

/**
 * What one generated token of each sequence weighs in the loss, Σ weight·loss. A sequence is a trajectory.
 *
 *   token-mean            1 / N             N tokens of the update
 *   seq-mean-token-sum    1 / B             B sequences that have a token
 *   seq-mean-token-mean   1 / (B · n_i)     n_i tokens of the sequence
 *
 * The counts are those of a whole update, so that its gradient does not depend on how it is cut into
 * micro-batches. Masked tokens are not counted, and weigh 0.
 * @param lengths (B′) generated tokens of each sequence
 * @returns weights (B′); 0 for a sequence without tokens
 */
export function lossWeights(lengths: readonly number[], aggregation: LossAggregation): number[] {
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const sequences = lengths.filter((length) => length > 0).length;
  return lengths.map((length) => {
    if (length === 0) return 0;
    if (aggregation === "token-mean") return 1 / tokens;
    return aggregation === "seq-mean-token-sum" ? 1 / sequences : 1 / (sequences * length);
  });
}
