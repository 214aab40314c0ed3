import { FLAT_BELOW } from "../algorithm/flatness.ts";
import type { ModulationConfig } from "../algorithm/modulation-config.ts";
import type { MetricsRow } from "./metrics.ts";

/** Iterations from one remark to the next. */
const EVERY = 10;

/**
 * What to say after the last of a run's rows when normalized entropies hardly differ any more; undefined where they
 * do, where nothing depends on them, and where it was said less than ten iterations ago.
 */
export function flatRemark(
  rows: readonly MetricsRow[],
  { type, normalization, k, zeta }: ModulationConfig,
): string | undefined {
  const parts = [...(k > 0 ? ["gate"] : []), ...(zeta > 0 ? ["bonus"] : [])];
  if (type === "none" || parts.length === 0) return undefined;
  let said = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    const { groups_used, normalized_entropy_p95: p95 } = row;
    const flat = groups_used! > 0 && Number.isFinite(p95) && p95! < FLAT_BELOW;
    if (flat && row.iteration! - said >= EVERY) said = row.iteration!;
  }
  const last = rows.at(-1);
  if (!last || said !== last.iteration) return undefined;
  const remedy =
    normalization === "min-max" ? '; modulation.normalization = "robust" leaves odd steps out' : "";
  return (
    `iteration ${said}: normalization has gone flat: 95 % of the steps have h below ` +
    `${last.normalized_entropy_p95!.toFixed(2)}, so the ${parts.join(" and the ")} ${parts.length > 1 ? "are" : "is"} nearly constant${remedy}`
  );
}
