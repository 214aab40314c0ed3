/**
 * Every tolerance of the test suite. Differences are absolute below 1 and relative above it:
 * |actual − expected| ≤ tolerance · max(1, |expected|).
 */
export const TOLERANCE = {
  /** Two ways to compute the same thing in f64. */
  exact: 1e-12,
  /** A promise of the specification about f64 results, stated there as 1e-6. */
  stated: 1e-6,
  /** Central differences in f64 with h = 1e-5. */
  numerical: 1e-7,
  /** An f32 kernel of a few operations per element against f64. */
  kernel: 1e-5,
  /** An f32 kernel that sums a long row (a vocabulary, a matmul's inner dimension). */
  reduction: 1e-4,
  /** A gradient from f32 kernels against f64. */
  gradient: 1e-4,
  /** Log-probabilities of the rollout against the update's first forward. */
  logProbGap: 1e-4,
  /** Promises of the specification about golden vectors, absolute: log-probabilities, entropies, logits. */
  golden: 1e-4,
  /** The same: a parameter's gradient relative to its norm, and the losses of a training curve. */
  goldenTraining: 1e-3,
} as const;
