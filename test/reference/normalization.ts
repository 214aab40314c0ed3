/**
 * Normalized step entropy h.
 *
 *   min-max   h = (H − min H) / (max H − min H + eps)                     (the paper, default)
 *   z-score   h = (H − mean H) / (std H + eps)
 *   robust    h = clamp((H − P5) / (P95 − P5 + eps), 0, 1)
 *
 * Decisions:
 * - The statistics run over unique non-empty steps, one vote each: over the whole batch
 *   (scope `batch`, the default) or over each task's group by itself (scope `group`).
 * - An empty step (H null) is in no statistic and gets h null.
 * - std is the population's: √(Σ(H − mean)² / n).
 * - Percentiles interpolate linearly between order statistics, as numpy does by default: the
 *   q-quantile of x_0 ≤ … ≤ x_(n−1) lies at position q·(n − 1).
 * - Where all H of a scope are equal, h is exactly 0 in every mode. The formulas agree in exact
 *   arithmetic; saying so keeps rounding noise from being divided by eps.
 */

export type NormalizationMode = "min-max" | "z-score" | "robust";
export type Scope = "batch" | "group";

export interface NormalizationOptions {
  readonly mode?: NormalizationMode;
  readonly eps?: number;
}

/** Linearly interpolated quantile.  values (n ≥ 1, any order), fraction in [0, 1]. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = fraction * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below];
  if (low === undefined) throw new Error("a quantile needs at least one value");
  const high = sorted[below + 1] ?? low;
  return low + (position - below) * (high - low);
}

/** The steps of one scope: H (S, null where empty) → h (S, null where empty). */
export function normalize(
  entropies: readonly (number | null)[],
  { mode = "min-max", eps = 1e-8 }: NormalizationOptions = {},
): (number | null)[] {
  const present = entropies.filter((entropy) => entropy !== null);
  const low = present.reduce((a, b) => Math.min(a, b), Infinity);
  const high = present.reduce((a, b) => Math.max(a, b), -Infinity);
  const toUnit = normalizer(present, mode, eps);
  return entropies.map((entropy) => {
    if (entropy === null) return null;
    return high === low ? 0 : toUnit(entropy);
  });
}

function normalizer(
  present: readonly number[],
  mode: NormalizationMode,
  eps: number,
): (entropy: number) => number {
  if (present.length === 0) return () => 0;
  if (mode === "z-score") {
    const mean = present.reduce((a, b) => a + b) / present.length;
    const variance = present.reduce((sum, x) => sum + (x - mean) ** 2, 0) / present.length;
    return (entropy) => (entropy - mean) / (Math.sqrt(variance) + eps);
  }
  const low = quantile(present, mode === "robust" ? 0.05 : 0);
  const high = quantile(present, mode === "robust" ? 0.95 : 1);
  const scaled = (entropy: number) => (entropy - low) / (high - low + eps);
  return mode === "robust" ? (entropy) => Math.min(1, Math.max(0, scaled(entropy))) : scaled;
}
