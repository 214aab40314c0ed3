import type { ComparisonTable } from "./comparison.ts";
import { columnGroups } from "./comparison-cells.ts";
import { escapeHtml } from "./page-html.ts";
import { tableNotes } from "./table-notes.ts";

/** The table as HTML: one table per group of columns, then how to read it. */
export function comparisonHtml(table: ComparisonTable): string {
  const parts = columnGroups(table).map(({ title, columns }) => {
    const head = columns.map(
      (column) =>
        `<th scope="col" title="${escapeHtml(column.help)}">${escapeHtml(column.title)}</th>`,
    );
    const rows = table.arms.map((arm, index) => {
      const cells = columns.map(({ cell }) => `<td>${cellHtml(cell(arm))}</td>`);
      return `<tr><th scope="row">${armHtml(arm.name, index)}</th>${cells.join("")}</tr>`;
    });
    return (
      `<h3>${escapeHtml(title)}</h3>\n<div class="scroll"><table>` +
      `<thead><tr><th scope="col">arm</th>${head.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`
    );
  });
  const notes = tableNotes(table).map((note) => `<li>${escapeHtml(note)}</li>`);
  return `${parts.join("\n")}\n<ul class="notes">${notes.join("")}</ul>\n${columnHelp(table)}`;
}

/** The same words as the headings' titles, for those who have no pointer to hover with. */
function columnHelp(table: ComparisonTable): string {
  const columns = columnGroups(table).flatMap((group) => group.columns);
  const entries = columns.map(
    ({ title, help }) => `<dt>${escapeHtml(title)}</dt><dd>${escapeHtml(help)}</dd>`,
  );
  return `<details><summary>What the columns mean</summary><dl class="help">${entries.join("")}</dl></details>`;
}

/** An arm's name behind the colour that its curves have. */
export function armHtml(name: string, index: number): string {
  const swatch = `<span class="swatch" style="background:var(--arm-${index % 12})"></span>`;
  return `<span class="arm">${swatch}<span>${breakable(name)}</span></span>`;
}

/** A name that a narrow column may break behind its dots and dashes. */
export function breakable(name: string): string {
  return escapeHtml(name).replace(/[._=-](?=\w)/g, "$&<wbr>");
}

/** The interval on a line of its own, and so a change, so that columns stay narrow. */
function cellHtml(text: string): string {
  const [, value = "", interval, change = ""] = /^(.*?) (\[.*?\])(?: (\(.*\)))?$/.exec(text) ?? [];
  if (interval === undefined) return escapeHtml(text);
  const lines = [interval, change].filter((line) => line !== "");
  const below = lines.map((line) => `<span class="interval">${escapeHtml(line)}</span>`);
  return `${escapeHtml(value)}${below.join("")}`;
}
