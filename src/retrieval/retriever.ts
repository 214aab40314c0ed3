/** Whoever finds passages for queries: an index of our own, a server, or one behind a cache. */

/** A piece of text that can be found. */
export interface Passage {
  readonly id: string;
  /** `"Title"`, a newline, the text; what has no newline is all text. */
  readonly contents: string;
}

export interface FoundPassage extends Passage {
  /** The higher the better; null where the retriever does not say. */
  readonly score: number | null;
  readonly url?: string;
}

export interface Retriever {
  /**
   * @param k ≥ 1: passages for each query
   * @returns one list per query in their order, best first; fewer than k where fewer match
   * @throws RetrieverError when nothing can be found out
   */
  search(queries: readonly string[], k: number): Promise<readonly (readonly FoundPassage[])[]>;
}

/** The retriever failed; nobody's program is wrong. */
export class RetrieverError extends Error {
  override readonly name = "RetrieverError";
}

/** A passage's title without its quotes, and its text. */
export function titleAndText(contents: string): { title: string; text: string } {
  const end = contents.indexOf("\n");
  if (end < 0) return { title: "", text: contents };
  const line = contents.slice(0, end).replace(/\r$/, "");
  const quoted = line.length > 1 && line.startsWith('"') && line.endsWith('"');
  return { title: quoted ? line.slice(1, -1) : line, text: contents.slice(end + 1) };
}

export function contentsOf(title: string, text: string): string {
  return title === "" ? text : `"${title}"\n${text}`;
}
