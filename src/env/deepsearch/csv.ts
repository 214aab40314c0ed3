/** Tables of text: fields between commas or tabs; one in quotes may hold both, ends of lines, and "" for a quote. */
import { UserError } from "../../core/errors.ts";

export interface TableRow {
  readonly fields: Readonly<Record<string, string>>;
  /** The line on which it begins, from 1. */
  readonly line: number;
}

/**
 * The rows below the header.
 * @throws UserError naming file and line for a row of another length, or a quote that nobody closes
 */
export function readTable(text: string, delimiter: "," | "\t", file: string): TableRow[] {
  const rows = cells(text.replace(/^\ufeff/, ""), delimiter, file);
  const header = rows.shift()?.cells ?? [];
  return rows.map(({ cells: row, line }) => {
    if (row.length !== header.length) {
      throw new UserError(
        `${file}:${line}: found ${row.length} fields, the header has ${header.length}`,
      );
    }
    return { line, fields: Object.fromEntries(header.map((name, i) => [name, row[i]!])) };
  });
}

function cells(text: string, delimiter: string, file: string) {
  const rows: { cells: string[]; line: number }[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const row: string[] = [];
    const begins = line;
    for (let more = true; more; ) {
      let field = "";
      if (text[at] === '"') {
        const start = line;
        at++;
        for (;;) {
          const quote = text.indexOf('"', at);
          if (quote < 0) throw new UserError(`${file}:${start}: a quote is never closed`);
          const piece = text.slice(at, quote);
          field += piece;
          line += piece.split("\n").length - 1;
          at = quote + 1;
          if (text[at] !== '"') break;
          field += '"';
          at++;
        }
      }
      let end = at;
      while (end < text.length && text[end] !== delimiter && text[end] !== "\n") end++;
      field += text.slice(at, end);
      more = text[end] === delimiter;
      row.push(more ? field : field.replace(/\r$/, ""));
      at = end + 1;
    }
    line++;
    if (row.length > 1 || row[0] !== "") rows.push({ cells: row, line: begins });
  }
  return rows;
}
