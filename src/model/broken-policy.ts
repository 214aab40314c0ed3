/** The weights are not finite numbers, or give no distribution to draw from: training diverged. */
export class BrokenPolicyError extends Error {
  override readonly name = "BrokenPolicyError";
}
