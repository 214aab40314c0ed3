/**
 * Passages from files, one at a time: JSON Lines in the forms `{"id", "contents"}` (Search-R1, wiki-18) and
 * `{"_id", "title", "text"}` (BEIR), and DPR's tab-separated `id, text, title`; `.gz` and `.zst` as well.
 */

import { UserError } from "../core/errors.ts";
import { type Line, readLines } from "./line-stream.ts";
import { contentsOf, type Passage } from "./retriever.ts";

const TABLE = /\.tsv(\.gz|\.zst)?$/;

/**
 * The passages of files in their order.
 * @throws UserError naming file and line: malformed, or an id that another passage has
 */
export async function* readCorpus(paths: readonly string[]): AsyncGenerator<Passage> {
  const ids = new IdSet();
  for (const path of paths) {
    let isFirst = true;
    for await (const line of readLines(path)) {
      const passage = TABLE.test(path) ? fromTable(line, isFirst) : fromJson(line);
      isFirst = false;
      if (passage === undefined) continue;
      if (!ids.add(passage.id)) {
        throw new UserError(`${line.where}: id ${JSON.stringify(passage.id)} stands twice`);
      }
      yield passage;
    }
  }
}

function fromJson({ text, where }: Line): Passage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UserError(`${where}: not JSON`, "a corpus has one passage a line");
  }
  const row = (value ?? {}) as Record<string, unknown>;
  const id = row.id ?? row._id;
  if (typeof id !== "string" && !Number.isSafeInteger(id)) {
    throw new UserError(`${where}: id: found ${shown(id)}, allowed: a string or a whole number`);
  }
  const contents = typeof row.contents === "string" ? row.contents : joined(row);
  if (contents === undefined) {
    throw new UserError(
      `${where}: contents: found ${shown(row.contents)}, allowed: a string, or title and text`,
    );
  }
  return { id: String(id), contents: contents.toWellFormed().replaceAll("\0", "\ufffd") };
}

function joined({ title, text }: Record<string, unknown>): string | undefined {
  if (typeof text !== "string") return undefined;
  return contentsOf(typeof title === "string" ? title : "", text);
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : (JSON.stringify(value)?.slice(0, 40) ?? "nothing");
}

/** The first line may be a header. */
function fromTable({ text, where }: Line, isFirst: boolean): Passage | undefined {
  const [id, body, title, ...more] = text.split("\t");
  if (isFirst && id === "id" && body === "text") return undefined;
  if (!id || body === undefined || title === undefined || more.length > 0) {
    const found = text.split("\t").length;
    throw new UserError(`${where}: found ${found} columns, allowed: id, text and title`);
  }
  return { id, contents: contentsOf(unquoted(title), unquoted(body)) };
}

/** A field as CSV writers protect it: in quotes, with quotes inside doubled. */
function unquoted(field: string): string {
  const isQuoted = field.length > 1 && field.startsWith('"') && field.endsWith('"');
  return isQuoted ? field.slice(1, -1).replaceAll('""', '"') : field;
}

/** Which ids there were. Row numbers in order, as large corpora have them, take no memory. */
class IdSet {
  readonly #others = new Set<string>();
  #first: number | undefined;
  #next = 0;

  add(id: string): boolean {
    const number = /^(0|[1-9]\d{0,14})$/.test(id) ? Number(id) : undefined;
    if (number !== undefined) {
      this.#first ??= this.#next = number;
      if (number === this.#next) {
        this.#next++;
        // It may have come before its turn.
        return !this.#others.has(id);
      }
      if (number >= this.#first && number < this.#next) return false;
    }
    if (this.#others.has(id)) return false;
    this.#others.add(id);
    return true;
  }
}
