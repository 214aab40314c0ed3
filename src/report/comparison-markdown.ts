import type { ComparisonTable } from "./comparison.ts";
import { columnGroups } from "./comparison-cells.ts";
import { tableNotes } from "./table-notes.ts";

/** The table as Markdown: one table per group of columns, then how to read it. */
export function comparisonMarkdown(table: ComparisonTable): string {
  const parts = columnGroups(table).map(({ title, columns }) => {
    const head = ["arm", ...columns.map((column) => column.title)];
    const rows = table.arms.map((arm) => [arm.name, ...columns.map(({ cell }) => cell(arm))]);
    const lines = [head, head.map(() => "---"), ...rows].map(markdownRow);
    return `### ${title}\n\n${lines.join("\n")}\n`;
  });
  const notes = tableNotes(table).map((note) => `- ${escapeMarkdown(note)}`);
  return `${parts.join("\n")}\n${notes.join("\n")}\n`;
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(" | ")} |`;
}

/** Names come from files: none may end a cell, a line, or begin markup or a link; intervals keep their brackets. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_<>|]|\](?=[([:])/g, "\\$&").replace(/[\r\n]+/g, " ");
}
