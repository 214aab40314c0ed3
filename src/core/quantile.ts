/**
 * The value that a share of the others do not exceed, linear between the two nearest.
 * @param sorted ascending
 * @param share in [0, 1]
 * @returns NaN without values
 */
export function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  // What lies above may be infinite, and no times infinity is not nothing.
  return place === below ? low : low + (place - below) * (sorted[below + 1]! - low);
}
