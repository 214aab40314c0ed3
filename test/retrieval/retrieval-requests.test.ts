import { describe, expect, test } from "bun:test";
import { Bm25Retriever } from "../../src/retrieval/bm25-retriever.ts";
import { HttpRetriever } from "../../src/retrieval/http-retriever.ts";
import { respond } from "../../src/retrieval/retrieval-requests.ts";

const PASSAGES = [
  { id: "a", contents: '"Ada"\nAda likes apples.' },
  { id: "b", contents: '"Bel"\nBel likes pears and apples and apples.' },
  { id: "c", contents: "no title, and pears" },
];
const retriever = Bm25Retriever.of(PASSAGES);
const served = { retriever, topk: 1, health: { status: "ok", passages: 3 } };
const scored = (query: string, k: number) =>
  retriever.index
    .search(query, k)
    .map(({ document, score }) => ({ document: PASSAGES[document]!, score }));

async function post(body: unknown): Promise<{ status: number; answer: unknown }> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const request = new Request("http://127.0.0.1/retrieve", { method: "POST", body: text });
  const response = await respond(request, served);
  expect(response.headers.get("content-type")).toBe("application/json");
  return { status: response.status, answer: await response.json() };
}

describe("requests as clients of the dialects send them", () => {
  test("Search-R1, verl and ASearcher: a list of queries", async () => {
    const { status, answer } = await post({
      queries: ["apples", "pears"],
      topk: 2,
      return_scores: true,
    });
    expect(status).toBe(200);
    expect(answer).toEqual({ result: [scored("apples", 2), scored("pears", 2)] });
    expect(scored("apples", 2)).toHaveLength(2);
  });

  test("SkyRL and verl-agent: one query, and one list", async () => {
    const { answer } = await post({ query: "apples", topk: 2, return_scores: true });
    expect(answer).toEqual({ result: [scored("apples", 2)] });
  });

  test.each([{}, { topk: null }, { topk: 0 }])(
    "without a number of passages (%j) the server's",
    async (topk) => {
      const { answer } = await post({ queries: ["apples"], ...topk, return_scores: true });
      expect(answer).toEqual({ result: [scored("apples", 1)] });
    },
  );

  test.each([{}, { return_scores: false }, { return_scores: null }])(
    "without scores (%j) bare documents",
    async (scores) => {
      const { answer } = await post({ queries: ["apples"], topk: 1, ...scores });
      expect(answer).toEqual({ result: [[scored("apples", 1)[0]!.document]] });
    },
  );

  test("as many queries as an iteration has, each in its place", async () => {
    const queries = Array.from({ length: 4096 }, (_, i) => ["apples", "pears", "xyzzy"][i % 3]!);
    const { status, answer } = await post({ queries, topk: 1, return_scores: true });
    expect(status).toBe(200);
    expect(answer).toEqual({ result: queries.map((query) => scored(query, 1)) });
  });

  test("other requests are answered while a large one is", async () => {
    const ended: string[] = [];
    const body = JSON.stringify({ queries: Array(4096).fill("apples pears") });
    const large = new Request("http://127.0.0.1/retrieve", { method: "POST", body });
    const health = new Request("http://127.0.0.1/health");
    await Promise.all([
      respond(large, served).then(() => ended.push("large")),
      Bun.sleep(1).then(async () => {
        await respond(health, served);
        ended.push("health");
      }),
    ]);
    expect(ended).toEqual(["health", "large"]);
  });

  test("a query that nothing matches gets an empty list in its place", async () => {
    const { answer } = await post({
      queries: ["xyzzy", "", "pears"],
      topk: 1,
      return_scores: true,
    });
    expect(answer).toEqual({ result: [[], [], scored("pears", 1)] });
  });
});

test("equal requests get equal bytes", async () => {
  const ask = async () => {
    const body = JSON.stringify({ queries: ["apples", "pears"], topk: 3, return_scores: true });
    const request = new Request("http://127.0.0.1/retrieve", { method: "POST", body });
    return await (await respond(request, served)).text();
  };
  expect(await ask()).toBe(await ask());
});

describe("a request that is none is refused, in JSON", () => {
  const lists = '"queries" must be a list of strings, or "query" a string';
  test.each<[unknown, string]>([
    ["{", "the body is not JSON"],
    ["", "the body is not JSON"],
    [[], "the body is not an object"],
    [null, "the body is not an object"],
    [{}, lists],
    [{ queries: "apples" }, lists],
    [{ queries: ["apples", 7] }, lists],
    [{ query: 7 }, lists],
    [{ queries: ["a"], topk: -1 }, '"topk" must be a whole number from 0 to 1000'],
    [{ queries: ["a"], topk: 1001 }, '"topk" must be a whole number from 0 to 1000'],
    [{ queries: ["a"], topk: "3" }, '"topk" must be a whole number from 0 to 1000'],
    [{ queries: ["a"], topk: 1.5 }, '"topk" must be a whole number from 0 to 1000'],
    [{ queries: ["a"], return_scores: "yes" }, '"return_scores" must be true or false'],
  ])("%j", async (body, error) => {
    expect(await post(body)).toEqual({ status: 400, answer: { error } });
  });

  test("one of more than a megabyte, whether it says so or not", async () => {
    const body = JSON.stringify({ queries: ["x".repeat(2 ** 20)] });
    expect(await post(body)).toMatchObject({ status: 413 });
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 17; i++) controller.enqueue(new Uint8Array(65_536).fill(32));
        controller.close();
      },
    });
    const request = new Request("http://127.0.0.1/retrieve", { method: "POST", body: stream });
    expect((await respond(request, served)).status).toBe(413);
  });

  test.each([
    [{ queries: Array(4097).fill("a") }, "found 4097 queries, allowed: 4096"],
    [
      { queries: Array(66).fill("a"), topk: 1000 },
      "found 66 queries for 1000 passages each, allowed: 65536 passages in all",
    ],
  ])("one that asks for too much", async (body, error) => {
    expect(await post(body)).toEqual({ status: 413, answer: { error } });
  });

  test.each([
    ["GET", "/retrieve", 405],
    ["POST", "/other", 404],
    ["POST", "/health", 404],
  ])("%s %s: %d", async (method, path, status) => {
    const request = new Request(`http://127.0.0.1${path}`, { method });
    const response = await respond(request, served);
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty("error");
  });
});

test("GET /health tells about the index", async () => {
  const response = await respond(new Request("http://127.0.0.1/health"), served);
  expect([response.status, await response.json()]).toEqual([200, { status: "ok", passages: 3 }]);
});

test.each(["search-r1", "skyrl", "verl", "auto"] as const)(
  "our client in dialect %s finds at our server what the index finds",
  async (dialect) => {
    using server = Bun.serve({
      ...{ hostname: "127.0.0.1", port: 0 },
      fetch: (request) => respond(request, served),
    });
    const client = new HttpRetriever([`${server.url}retrieve`], { dialect });
    const queries = ["apples", "pears", "xyzzy", "apples"];
    expect(await client.search(queries, 2)).toEqual(await retriever.search(queries, 2));
  },
);
