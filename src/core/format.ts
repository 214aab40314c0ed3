/** How numbers look on a terminal. */

/** Bytes with a unit a person reads. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[unit]}`;
}

/** A count with its thousands apart: `18,231`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** A share in [0, 1] with one decimal: `37.5%`. */
export function formatPercent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** A time in its two largest units: `0.42 ms`, `830 ms`, `12.4 s`, `3 min 20 s`, `1 h 05 min`. */
export function formatDuration(elapsedMs: number): string {
  if (elapsedMs < 10) return `${elapsedMs.toFixed(2)} ms`;
  if (elapsedMs < 999.5) return `${elapsedMs.toFixed(0)} ms`;
  if (elapsedMs < 59_950) return `${(elapsedMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(elapsedMs / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${pad(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** Four significant digits, with an exponent only far from 1: `0.4128`, `1.5e-7`, `1834`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    return value
      .toExponential(3)
      .replace(/\.?0+e/, "e")
      .replace("e+", "e");
  }
  return String(Number(value.toPrecision(4)));
}

function pad(count: number): string {
  return String(count).padStart(2, "0");
}
