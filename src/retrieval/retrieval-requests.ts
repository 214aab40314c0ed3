/** Our side of the HTTP dialects: a request in, a response out. Equal requests give equal bytes. */

import type { Retriever } from "./retriever.ts";

const MOST_BYTES = 2 ** 20;
const MOST_DOCUMENTS = 1000;

/** What the server is asked with, and what it tells of itself. */
export interface ServedRetriever {
  readonly retriever: Retriever;
  /** Documents for a request that does not say how many. */
  readonly topk: number;
  /** Answer to `GET /health`. */
  readonly health: Readonly<Record<string, unknown>>;
}

/** A mistake of the client. */
class BadRequest extends Error {}

/**
 * `POST /retrieve` takes `{"queries": […], "topk", "return_scores"}` as Search-R1 does, or `{"query": "…"}` as
 * SkyRL does; `GET /health` tells about the index.
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
    const lists = await served.retriever.search(queries, k);
    const result = lists.map((list) =>
      list.map(({ id, contents, score }) =>
        withScores ? { document: { id, contents }, score } : { id, contents },
      ),
    );
    return json(200, { result });
  } catch (error) {
    if (error instanceof BadRequest) return fail(400, error.message);
    return fail(500, error instanceof Error ? error.message : String(error));
  }
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
  const k = asked === undefined || asked === null || asked === 0 ? topk : asked;
  if (!Number.isSafeInteger(k) || (k as number) < 0 || (k as number) > MOST_DOCUMENTS) {
    throw new BadRequest(`"topk" must be a whole number from 0 to ${MOST_DOCUMENTS}`);
  }
  if (scores !== undefined && scores !== null && typeof scores !== "boolean") {
    throw new BadRequest('"return_scores" must be true or false');
  }
  return { queries: given as string[], k: k as number, withScores: scores === true };
}
