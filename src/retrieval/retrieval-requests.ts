/** Our side of the HTTP dialects: a request in, a response out. Equal requests give equal bytes. */

import type { FoundPassage, Retriever } from "./retriever.ts";

const MOST_BYTES = 2 ** 20;
const MOST_DOCUMENTS = 1000;
/** A whole batch of an iteration goes into one request. */
const MOST_QUERIES = 4096;
/** In one answer, which is held in memory as a whole. */
const MOST_FOUND = 2 ** 16;
/** Other requests are answered after so many. */
const QUERIES_AT_ONCE = 32;

/** What the server is asked with, and what it tells of itself. */
export interface ServedRetriever {
  readonly retriever: Retriever;
  /** Documents for a request that does not say how many. */
  readonly topk: number;
  /** Answer to `GET /health`. */
  readonly health: Readonly<Record<string, unknown>>;
}

/** A mistake of the client. */
class BadRequest extends Error {
  readonly status: 400 | 413;

  constructor(message: string, status: 400 | 413 = 400) {
    super(message);
    this.status = status;
  }
}

/**
 * `POST /retrieve` takes `{"queries": […], "topk", "return_scores"}` as Search-R1 does, or `{"query": "…"}` as
 * SkyRL does; `GET /health` tells about the index. Mistakes are answered with `{"error"}`: status 400 for what is no
 * request, 413 for one that asks for too much.
 */
export async function respond(request: Request, served: ServedRetriever): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/health" && request.method === "GET") return json(200, served.health);
  if (pathname !== "/retrieve") return fail(404, `no ${pathname}; there are /retrieve and /health`);
  if (request.method !== "POST") return fail(405, "/retrieve takes POST");
  const body = await readBody(request);
  if (body === undefined) return fail(413, `the request has more than ${MOST_BYTES} bytes`);
  try {
    const { queries, k, withScores } = readRequest(body, served.topk);
    const lists = await searchInTurns(served.retriever, queries, k);
    const result = lists.map((list) =>
      list.map(({ id, contents, score }) =>
        withScores ? { document: { id, contents }, score } : { id, contents },
      ),
    );
    return json(200, { result });
  } catch (error) {
    if (error instanceof BadRequest) return fail(error.status, error.message);
    return fail(500, error instanceof Error ? error.message : String(error));
  }
}

async function searchInTurns(retriever: Retriever, queries: readonly string[], k: number) {
  const lists: (readonly FoundPassage[])[] = [];
  for (let at = 0; at < queries.length; at += QUERIES_AT_ONCE) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    lists.push(...(await retriever.search(queries.slice(at, at + QUERIES_AT_ONCE), k)));
  }
  return lists;
}

function json(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json" },
  });
}

const fail = (status: number, error: string) => json(status, { error });

/** Nothing where the body is too large, whatever the request says about its length. */
async function readBody(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get("content-length") ?? 0) > MOST_BYTES) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function readRequest(body: string, topk: number) {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new BadRequest("the body is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BadRequest("the body is not an object");
  }
  const { queries, query, topk: asked, return_scores: scores } = value as Record<string, unknown>;
  const given = queries ?? (query === undefined ? undefined : [query]);
  if (!Array.isArray(given) || !given.every((one) => typeof one === "string")) {
    throw new BadRequest('"queries" must be a list of strings, or "query" a string');
  }
  if (given.length > MOST_QUERIES) {
    throw new BadRequest(`found ${given.length} queries, allowed: ${MOST_QUERIES}`, 413);
  }
  const k = asked === undefined || asked === null || asked === 0 ? topk : asked;
  if (!Number.isSafeInteger(k) || (k as number) < 0 || (k as number) > MOST_DOCUMENTS) {
    throw new BadRequest(`"topk" must be a whole number from 0 to ${MOST_DOCUMENTS}`);
  }
  const wanted = given.length * (k as number);
  if (wanted > MOST_FOUND) {
    const found = `${given.length} queries for ${k} passages each`;
    throw new BadRequest(`found ${found}, allowed: ${MOST_FOUND} passages in all`, 413);
  }
  if (scores !== undefined && scores !== null && typeof scores !== "boolean") {
    throw new BadRequest('"return_scores" must be true or false');
  }
  return { queries: given as string[], k: k as number, withScores: scores === true };
}
