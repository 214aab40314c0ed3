/** What a world told of the episodes of an evaluation, as tables for a terminal. */

import type { KindResult } from "../train/by-kind.ts";
import type { Evaluation } from "../train/evaluate.ts";
import type { Figure, Figures } from "../train/figures.ts";

type Told = KindResult & Pick<Evaluation, "by_kind" | "macro">;

/** Figures side by side. */
const COLUMNS = 4;

/**
 * A row for all episodes, one for each mean over kinds, one for each kind; cells are the mean and its 95 % interval.
 * Nothing where the world tells nothing.
 */
export function figureTables(found: Told): string[] {
  const { by_kind = {}, macro = {}, scores } = found;
  if (scores === undefined) return [];
  const own = ({ success_rate: mean, ci95, episodes, scores }: KindResult): Figures => ({
    ...{ success: { mean, ci95, episodes }, ...scores },
  });
  const rows: (readonly [string, Figures])[] = [
    ["episodes", own(found)],
    ...Object.entries(macro).map(
      ([group, { success, scores }]) => [`mean of ${group}`, { success, ...scores }] as const,
    ),
    ...Object.entries(by_kind).map(([kind, result]) => [kind, own(result)] as const),
  ];
  const names = [...new Set(rows.flatMap(([, figures]) => Object.keys(figures)))];
  const lines: string[] = [];
  for (let at = 0; at < names.length; at += COLUMNS) {
    lines.push("", ...table(rows, names.slice(at, at + COLUMNS)));
  }
  return lines;
}

function table(rows: readonly (readonly [string, Figures])[], names: readonly string[]): string[] {
  const cells = [
    ["", ...names],
    ...rows.map(([title, figures]) => [title, ...names.map((name) => cell(figures[name]))]),
  ];
  const widths = ["", ...names].map((_, column) =>
    Math.max(...cells.map((row) => row[column]!.length)),
  );
  return cells.map((row) =>
    `  ${row.map((text, column) => text.padEnd(widths[column]!)).join("  ")}`.trimEnd(),
  );
}

function cell(figure: Figure | undefined): string {
  if (!figure) return "–";
  const [low, high] = figure.ci95.map(short);
  return `${short(figure.mean)} [${low}, ${high}]`;
}

function short(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 2 : 0);
}
