/**
 * Tables of text: fields between commas or tabs; one in quotes may hold either, and "" for a quote. Between commas it may
 * hold ends of lines, too; between tabs quotes are rare and often part of the text, so only a field that begins and ends
 * with one is in quotes.
 */
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
  const header = (rows.shift()?.cells ?? []).map((name) => name.trim());
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
      const quoted = text[at] === '"' ? inQuotes(text, at) : undefined;
      if (text[at] === '"' && !quoted && delimiter === ",") {
        throw new UserError(`${file}:${line}: a quote is never closed`);
      }
      let field = "";
      if (quoted && (delimiter === "," || isWholeField(text, quoted, delimiter))) {
        field = quoted.field;
        line += quoted.field.split("\n").length - 1;
        at = quoted.end;
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

interface Quoted {
  readonly field: string;
  /** Behind the closing quote. */
  readonly end: number;
}

/** What stands in the quotes that open at a place; nothing where they are never closed. */
function inQuotes(text: string, open: number): Quoted | undefined {
  const pieces: string[] = [];
  for (let at = open + 1; ; at += 2) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return undefined;
    pieces.push(text.slice(at, quote));
    if (text[quote + 1] !== '"') return { field: pieces.join('"'), end: quote + 1 };
    at = quote;
  }
}

function isWholeField(text: string, { field, end }: Quoted, delimiter: string): boolean {
  const next = text.slice(end, end + 2);
  const isEnd = next === "" || next.startsWith(delimiter) || /^\r?\n/.test(next) || next === "\r";
  return isEnd && !field.includes("\n");
}
