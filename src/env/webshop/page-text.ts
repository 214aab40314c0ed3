/** Reads the shop's pages back from their text, for formats that say them otherwise. */
import { SEPARATOR } from "./pages.ts";

export interface PageText {
  /** Undefined on the last page, which has none. */
  readonly task: string | undefined;
  /** What follows the task; on the last page everything. */
  readonly segments: readonly string[];
}

export function readPage(observation: string): PageText {
  const segments = observation.split(SEPARATOR);
  const before = segments.indexOf("Instruction:");
  if (before < 0 || before > 1) return { task: undefined, segments };
  return { task: segments[before + 1], segments: segments.slice(before + 2) };
}
