import { formatCount } from "../src/core/format.ts";
import { type Baseline, isSlower, keyOf, type Report } from "./report.ts";
import type { Failure, Row } from "./suite.ts";

/** Wide enough for the longest name and shape. */
const NAME_WIDTH = 48;

/** `token-entropy 512×151936   0.125 ms   2.49 TB/s   52 % of peak   was 0.131 ms` */
export function rowText(row: Row, baseline: Baseline): string {
  const was = baseline.get(keyOf(row));
  const cells = [
    keyOf(row).padEnd(NAME_WIDTH),
    `${milliseconds(row.ms)} ms`.padStart(12),
    speed(row).padStart(14),
    `${(100 * row.share).toFixed(0)} % of peak`.padStart(14),
  ];
  if (was !== undefined) cells.push(`   was ${milliseconds(was)} ms`);
  if (isSlower(row, was)) cells.push("   SLOWER");
  return cells.join("");
}

/** `token-entropy 512×1024   wrong, not timed: entropy[0] is 1, expected 2` */
export function failureText(failure: Failure): string {
  return `${keyOf(failure).padEnd(NAME_WIDTH)}   wrong, not timed: ${failure.problem}`;
}

export function rooflineText({ gb_per_s, tflops }: Report["roofline"]): string {
  return `peak     ${rate(gb_per_s * 1e9, "B/s")} (copy) · ${rate(tflops * 1e12, "FLOP/s")} (multiply-add), in this run`;
}

/** Tokens where a model ran; otherwise operations or bytes. */
function speed({ tokens_per_s, bytes, flops, gb_per_s, tflops }: Row): string {
  if (tokens_per_s !== undefined) return `${formatCount(tokens_per_s)} tok/s`;
  return flops > FLOPS_PER_BYTE * bytes
    ? rate(tflops * 1e12, "FLOP/s")
    : rate(gb_per_s * 1e9, "B/s");
}

/** Above this, a kernel is spoken of in operations; below, in bytes. */
const FLOPS_PER_BYTE = 4;

function rate(perSecond: number, unit: string): string {
  const prefixes = ["", "k", "M", "G", "T", "P"];
  const step = Math.min(5, Math.max(0, Math.floor(Math.log10(perSecond) / 3)));
  return `${(perSecond / 1000 ** step).toPrecision(3)} ${prefixes[step]}${unit}`;
}

function milliseconds(ms: number): string {
  return ms < 1 ? ms.toFixed(3) : ms.toPrecision(4);
}
