/** What retrieval servers answer, in all the forms that are in use. */

import { isObject } from "../core/is-object.ts";
import { contentsOf, type FoundPassage, RetrieverError } from "./retriever.ts";

/**
 * The lists of a response `{"result": [[item, …], …]}`. An item is a document, or `{document, score}`; a document
 * is a text, or has `contents`, or `title` and `text`.
 * @param count lists that were asked for
 * @throws RetrieverError naming what was found
 */
export function readAnswer(text: string, count: number): FoundPassage[][] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RetrieverError(`the answer is not JSON: ${JSON.stringify(text.slice(0, 60))}`);
  }
  const result = (value as { result?: unknown } | null)?.result;
  if (!Array.isArray(result)) throw new RetrieverError('the answer has no list "result"');
  if (result.length !== count) {
    throw new RetrieverError(`the answer has ${result.length} lists for ${count} queries`);
  }
  return result.map((list: unknown, query) => {
    if (!Array.isArray(list)) throw new RetrieverError(`result[${query}] is not a list`);
    return list.map((item: unknown, place) => readItem(item, `result[${query}][${place}]`));
  });
}

type Json = Readonly<Record<string, unknown>>;

function readItem(item: unknown, where: string): FoundPassage {
  const wrapped = isObject(item) && "document" in item;
  const document = wrapped ? item.document : item;
  const score = wrapped && Number.isFinite(item.score) ? (item.score as number) : null;
  const row: Json = isObject(document) ? document : { contents: document };
  const contents = typeof row.contents === "string" ? row.contents : joined(row);
  if (contents === undefined) {
    throw new RetrieverError(`${where}: neither contents, nor title and text`);
  }
  const { id, url } = row;
  return {
    id: typeof id === "string" || typeof id === "number" ? String(id) : nameOf(contents),
    contents: contents.toWellFormed().replaceAll("\0", "\ufffd"),
    score,
    ...(typeof url === "string" ? { url } : {}),
  };
}

function joined({ title, text }: Json): string | undefined {
  if (typeof text !== "string") return undefined;
  const bare = typeof title === "string" ? title.replace(/^"(.*)"$/s, "$1") : "";
  return contentsOf(bare, text);
}

/** A passage without an id is known by its contents. */
function nameOf(contents: string): string {
  return `#${Bun.hash.xxHash64(contents).toString(16).padStart(16, "0")}`;
}
