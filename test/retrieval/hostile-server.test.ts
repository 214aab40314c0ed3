/** Whatever a server does, a search ends: with an answer, or with the error that says what it did. */

import { expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { FAILED } from "../../src/env/deepsearch/episode-rules.ts";
import { type HttpOptions, HttpRetriever } from "../../src/retrieval/http-retriever.ts";
import { RetrieverError } from "../../src/retrieval/retriever.ts";
import { littleEpisode, searchFor } from "../env/deepsearch/little-world.ts";
import { StubServer } from "./stub-server.ts";

const QUICK: HttpOptions = {
  ...{ timeoutMs: 60, attempts: 3, mostBytes: 100_000 },
  clock: { now: () => 0, sleep: async () => {}, timeout: (ms) => AbortSignal.timeout(ms) },
};

/** What a search at this address ends in; a hang would be the test's own time-out. */
async function errorOf(url: string, options = QUICK): Promise<string> {
  const error = await new HttpRetriever([url], options).search(["q"], 3).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(RetrieverError);
  return (error as Error).message;
}

const json = (text: string) =>
  new Response(text, { headers: { "content-type": "application/json" } });

test.each<[string, string, string]>([
  ["broken JSON", '{"result": [[', 'the answer is not JSON: "{\\"result\\": [["'],
  ["no JSON", "<html>", 'the answer is not JSON: "<html>"'],
  ["nothing", "", 'the answer is not JSON: ""'],
  ["bytes that are no text", "\u0000\ufffd", "the answer is not JSON:"],
  ["null", "null", 'the answer has no list "result"'],
  ["a list", "[[]]", 'the answer has no list "result"'],
  ["no result", '{"error": "x"}', 'the answer has no list "result"'],
  ["fewer lists than queries", '{"result": []}', "the answer has 0 lists for 1 queries"],
  ["more lists than queries", '{"result": [[], []]}', "the answer has 2 lists for 1 queries"],
  ["an object for a list", '{"result": [{}]}', "result[0] is not a list"],
  [
    "a number for a document",
    '{"result": [[7]]}',
    "result[0][0]: neither contents, nor title and text",
  ],
  ["null for a document", '{"result": [[{"document": null}]]}', "result[0][0]: neither contents"],
  ["contents that are no text", '{"result": [["a", {"contents": []}]]}', "result[0][1]: neither"],
])("%s is an error at once", async (_, body, message) => {
  using server = new StubServer(() => json(body));
  // A machine that is busy must not look like a server that is slow.
  const patient = { ...QUICK, timeoutMs: 30_000 };
  expect(await errorOf(server.url, patient)).toStartWith(`${server.url}: ${message}`);
  expect(server.asked).toHaveLength(1);
});

test("JSON nested without end is an error", async () => {
  using server = new StubServer(() => json(`{"result": ${"[".repeat(90_000)}`));
  expect(await errorOf(server.url)).toContain("the answer is not JSON");
});

test("a server that never answers is left after its time", async () => {
  using server = new StubServer(() => new Promise<Response>(() => {}));
  const began = performance.now();
  expect(await errorOf(server.url)).toBe(`${server.url}: no answer within 60 ms (3 attempts)`);
  expect(performance.now() - began).toBeLessThan(5000);
});

test("an answer that trickles is left after its time, however often it gives a byte", async () => {
  using server = new StubServer(() => {
    const drip = async function* () {
      for (;;) {
        yield new TextEncoder().encode(" ");
        await Bun.sleep(5);
      }
    };
    return new Response(drip() as unknown as ReadableStream);
  });
  expect(await errorOf(server.url)).toBe(`${server.url}: no answer within 60 ms (3 attempts)`);
});

test("an answer without end is left when it is too long", async () => {
  using server = new StubServer(() => {
    const flood = async function* () {
      for (;;) yield new Uint8Array(16_384).fill(32);
    };
    return new Response(flood() as unknown as ReadableStream);
  });
  const patient = { ...QUICK, timeoutMs: 20_000 };
  expect(await errorOf(server.url, patient)).toBe(
    `${server.url}: the answer has more than 100000 bytes`,
  );
});

test("a compressed answer counts as long as it is", async () => {
  const bomb = Bun.gzipSync(new Uint8Array(50_000_000).fill(32));
  using server = new StubServer(
    () => new Response(bomb, { headers: { "content-encoding": "gzip" } }),
  );
  const patient = { ...QUICK, timeoutMs: 20_000 };
  expect(await errorOf(server.url, patient)).toContain("the answer has more than 100000 bytes");
});

/** A server of bytes: `serve` gets every connection. */
async function listen(serve: (socket: Socket) => void): Promise<{ url: string; server: Server }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/retrieve`, server };
}

test.each<[string, (socket: Socket) => void]>([
  ["drops the connection", (socket) => socket.once("data", () => socket.destroy())],
  [
    "drops it inside the answer",
    (socket) =>
      socket.once("data", () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"result": [');
        setTimeout(() => socket.destroy(), 5);
      }),
  ],
  ["speaks no HTTP", (socket) => socket.once("data", () => socket.end("hello\r\n\r\n"))],
])("a server that %s is asked again, then given up", async (_, serve) => {
  let connections = 0;
  const { url, server } = await listen((socket) => {
    connections++;
    serve(socket);
  });
  try {
    expect(await errorOf(url, { ...QUICK, timeoutMs: 2000 })).toMatch(/\(3 attempts\)$/);
    expect(connections).toBeGreaterThanOrEqual(3);
  } finally {
    server.close();
  }
});

test("nobody there is tried again, then given up", async () => {
  const { url, server } = await listen(() => {});
  await new Promise((resolve) => server.close(resolve));
  expect(await errorOf(url)).toMatch(/\(3 attempts\)$/);
});

test("an episode is told inside its block, and goes on", async () => {
  using server = new StubServer(() => json('{"result": []}'));
  const episode = littleEpisode({ retriever: new HttpRetriever([server.url], QUICK) });
  const { observation, end } = await episode.step(searchFor("Ada"));
  expect(observation).toBe(`\n\n<information>${FAILED}</information>\n\n`);
  expect(end).toBeNull();
  expect(episode.info!.retrieverError).toContain("the answer has 0 lists for 1 queries");
});
