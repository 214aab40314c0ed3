import { describe, expect, test } from "bun:test";
import type { Clock } from "../../src/retrieval/http-exchange.ts";
import { HttpRetriever } from "../../src/retrieval/http-retriever.ts";
import { RetrieverError } from "../../src/retrieval/retriever.ts";
import { found, StubServer } from "./stub-server.ts";

/** Sleeps at once and writes down for how long. */
function fakeClock(): Clock & { readonly slept: number[]; readonly timeouts: number[] } {
  const slept: number[] = [];
  const timeouts: number[] = [];
  return {
    slept,
    timeouts,
    now: () => slept.reduce((sum, ms) => sum + ms, 0),
    sleep: async (ms) => void slept.push(ms),
    timeout: (ms) => {
      timeouts.push(ms);
      return AbortSignal.timeout(ms);
    },
  };
}

describe("the dialects", () => {
  test.each(["search-r1", "verl", "auto"] as const)(
    "%s sends all queries in one request",
    async (dialect) => {
      using server = new StubServer((asked) => found(asked));
      const retriever = new HttpRetriever([server.url], { dialect });
      const lists = await retriever.search(["a", "b"], 2);
      expect(server.asked).toEqual([
        { path: "/retrieve", body: { queries: ["a", "b"], topk: 2, return_scores: true } },
      ]);
      expect(lists).toEqual([
        [
          { id: "a/0", contents: '"T a"\ntext 0', score: 9 },
          { id: "a/1", contents: '"T a"\ntext 1', score: 8 },
        ],
        [
          { id: "b/0", contents: '"T b"\ntext 0', score: 9 },
          { id: "b/1", contents: '"T b"\ntext 1', score: 8 },
        ],
      ]);
    },
  );

  test("skyrl sends each query alone, and the order is kept though answers overtake one another", async () => {
    using server = new StubServer(async (asked) => {
      if (asked.body.query === "slow") await Bun.sleep(30);
      return found(asked);
    });
    const retriever = new HttpRetriever([server.url], { dialect: "skyrl" });
    const lists = await retriever.search(["slow", "fast"], 1);
    expect(lists.map(([first]) => first!.id)).toEqual(["slow/0", "fast/0"]);
    expect(server.asked.map(({ body }) => body)).toEqual([
      { query: "slow", topk: 1, return_scores: true },
      { query: "fast", topk: 1, return_scores: true },
    ]);
  });

  test.each([400, 422])(
    "auto turns to single queries after status %d, and stays there",
    async (status) => {
      using server = new StubServer((asked) =>
        "queries" in asked.body ? new Response("", { status }) : found(asked),
      );
      const retriever = new HttpRetriever([server.url]);
      expect((await retriever.search(["a"], 1))[0]![0]!.id).toBe("a/0");
      await retriever.search(["b"], 1);
      expect(server.asked.map(({ body }) => Object.keys(body)[0])).toEqual([
        "queries",
        "query",
        "query",
      ]);
    },
  );

  test("a dialect that was named is not exchanged for another", async () => {
    using server = new StubServer(() => new Response("", { status: 422 }));
    const retriever = new HttpRetriever([server.url], { dialect: "search-r1" });
    await expect(retriever.search(["a"], 1)).rejects.toThrow(`${server.url}: status 422`);
    expect(server.asked).toHaveLength(1);
  });
});

describe("documents in all the forms that are in use", () => {
  const hash = /^#[0-9a-f]{16}$/;
  test.each<[string, unknown, object]>([
    [
      "a row of the corpus, with an address",
      { document: { id: 7, contents: "c", url: "u" }, score: 1.5 },
      { id: "7", contents: "c", url: "u", score: 1.5 },
    ],
    [
      "title, text and contents, without an id",
      { document: { title: "T", text: "x", contents: '"T"\nx' }, score: 2 },
      { id: expect.stringMatching(hash), contents: '"T"\nx', score: 2 },
    ],
    [
      "title and text alone",
      { document: { title: '"T"', text: "x" }, score: 2 },
      { id: expect.stringMatching(hash), contents: '"T"\nx', score: 2 },
    ],
    [
      "a text, as the server that ranks again gives it",
      { document: "T\nx", score: 0.5 },
      { id: expect.stringMatching(hash), contents: "T\nx", score: 0.5 },
    ],
    [
      "without a score, as online search answers",
      { document: { contents: "c" } },
      { id: expect.stringMatching(hash), contents: "c", score: null },
    ],
    [
      "a score that is no number, and characters that are none",
      { document: { id: 7, contents: "a\0b\ud800" }, score: "9" },
      { id: "7", contents: "a\ufffdb\ufffd", score: null },
    ],
    [
      "the document itself, where no scores were given",
      { id: "d", contents: "c" },
      { id: "d", contents: "c", score: null },
    ],
  ])("%s", async (_, item, wanted) => {
    using server = new StubServer((asked) => found(asked, () => item));
    const [list] = await new HttpRetriever([server.url]).search(["q"], 1);
    expect(list).toEqual([wanted] as never);
  });

  test("the same contents have the same name, others another", async () => {
    using server = new StubServer((asked) => found(asked, (query) => ({ document: query })));
    const lists = await new HttpRetriever([server.url]).search(["a", "b"], 1);
    const again = await new HttpRetriever([server.url]).search(["a"], 1);
    expect(again[0]![0]!.id).toBe(lists[0]![0]!.id);
    expect(lists[1]![0]!.id).not.toBe(lists[0]![0]!.id);
  });
});

describe("a batch", () => {
  test("asks for every query once, 256 at most a request, and keeps their order", async () => {
    using server = new StubServer((asked) => found(asked));
    const queries = Array.from({ length: 700 }, (_, i) => `q${i % 600}`);
    const lists = await new HttpRetriever([server.url]).search(queries, 1);
    expect(lists.map(([first]) => first!.id)).toEqual(queries.map((query) => `${query}/0`));
    expect(server.asked.map(({ body }) => (body.queries as string[]).length)).toEqual([
      256, 256, 88,
    ]);
  });

  test("goes to several servers in turn", async () => {
    using one = new StubServer((asked) => found(asked));
    using two = new StubServer((asked) => found(asked));
    const retriever = new HttpRetriever([one.url, two.url]);
    for (const query of ["a", "b", "c", "d"]) await retriever.search([query], 1);
    const asked = ({ asked }: StubServer) => asked.map(({ body }) => body.queries);
    expect([asked(one), asked(two)]).toEqual([
      [["a"], ["c"]],
      [["b"], ["d"]],
    ] as never);
  });

  test("gets no more than was asked for", async () => {
    using server = new StubServer(() => Response.json({ result: [["a", "b", "c"]] }));
    expect((await new HttpRetriever([server.url]).search(["q"], 2))[0]).toHaveLength(2);
  });
});

describe("the schedule", () => {
  test.each([500, 502, 503, 504])(
    "status %d is asked again after 1 s, 2 s …, ten times in all",
    async (status) => {
      using server = new StubServer(() => new Response("", { status }));
      const clock = fakeClock();
      const retriever = new HttpRetriever([server.url], { clock });
      await expect(retriever.search(["q"], 1)).rejects.toThrow(
        new RetrieverError(`${server.url}: status ${status} (10 attempts)`),
      );
      expect(server.asked).toHaveLength(10);
      expect(clock.slept).toEqual([1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000]);
      expect(clock.timeouts).toEqual(Array(10).fill(30_000));
    },
  );

  test("ends where whoever asks does not wait any more, and says so", async () => {
    using server = new StubServer(() => new Response("", { status: 503 }));
    const clock = fakeClock();
    const retriever = new HttpRetriever([server.url], { clock, withinMs: 8000 });
    await expect(retriever.search(["q"], 1)).rejects.toThrow(
      new RetrieverError(
        `${server.url}: status 503 (4 attempts; another would end after the 8000 ms that a search may take)`,
      ),
    );
    expect([server.asked.length, clock.slept]).toEqual([4, [1000, 2000, 3000]] as never);
    expect(clock.timeouts).toEqual([8000, 7000, 5000, 2000]);
  });

  test("bounds all requests of a search together, in every dialect", async () => {
    for (const dialect of ["search-r1", "skyrl"] as const) {
      using server = new StubServer(async (asked) => {
        await Bun.sleep(150);
        return found(asked);
      });
      const retriever = new HttpRetriever([server.url], { dialect, withinMs: 400 });
      const queries = Array.from({ length: 2560 }, (_, i) => `q${i}`);
      const began = performance.now();
      await expect(retriever.search(queries, 1)).rejects.toThrow(
        "the 400 ms that a search may take",
      );
      expect(performance.now() - began).toBeLessThan(5000);
      expect(server.asked.length).toBeLessThan(dialect === "skyrl" ? 200 : 10);
    }
  });

  test("cuts an attempt short for which no time is left", async () => {
    using server = new StubServer(() => new Promise<Response>(() => {}));
    const retriever = new HttpRetriever([server.url], { withinMs: 200 });
    // A busy machine has spent some of it before the attempt begins.
    await expect(retriever.search(["q"], 1)).rejects.toThrow(
      /no answer within (200|1?\d?\d) ms \(1 attempt; another would end after the 200 ms/,
    );
  });

  test("a server that comes back is heard", async () => {
    using server = new StubServer((asked, count) =>
      count < 4 ? new Response("", { status: 503 }) : found(asked),
    );
    const clock = fakeClock();
    const retriever = new HttpRetriever([server.url], { clock });
    expect((await retriever.search(["q"], 1))[0]![0]!.id).toBe("q/0");
    expect(clock.slept).toEqual([1000, 2000, 3000]);
  });

  test("the next attempt is made at the next server", async () => {
    using broken = new StubServer(() => new Response("", { status: 500 }));
    using sound = new StubServer((asked) => found(asked));
    const clock = fakeClock();
    const retriever = new HttpRetriever([broken.url, sound.url], { clock });
    expect((await retriever.search(["q"], 1))[0]![0]!.id).toBe("q/0");
    expect([broken.asked.length, sound.asked.length, clock.slept]).toEqual([1, 1, [1000]] as never);
  });

  test.each([401, 403, 404, 413, 429])("status %d is not asked again", async (status) => {
    using server = new StubServer(() => new Response("", { status }));
    const clock = fakeClock();
    const asking = new HttpRetriever([server.url], { clock }).search(["q"], 1);
    await expect(asking).rejects.toThrow(new RetrieverError(`${server.url}: status ${status}`));
    expect([server.asked.length, clock.slept]).toEqual([1, []] as never);
  });
});
