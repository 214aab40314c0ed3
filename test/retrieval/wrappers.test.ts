import { describe, expect, test } from "bun:test";
import { BatchingRetriever } from "../../src/retrieval/batching-retriever.ts";
import { CachedRetriever } from "../../src/retrieval/cached-retriever.ts";
import {
  type FoundPassage,
  type Retriever,
  RetrieverError,
} from "../../src/retrieval/retriever.ts";

/** Finds the query itself, and remembers how it was asked. */
class Echo implements Retriever {
  readonly calls: { queries: readonly string[]; k: number }[] = [];

  async search(queries: readonly string[], k: number): Promise<FoundPassage[][]> {
    this.calls.push({ queries, k });
    if (queries.includes("bad")) throw new RetrieverError("refused");
    return queries.map((query) => [{ id: `${query}:${k}`, contents: query, score: 1 }]);
  }
}

const ids = (lists: readonly (readonly FoundPassage[])[]) => lists.map(([first]) => first!.id);

describe("batching", () => {
  test("gathers what is asked in one turn, and gives everybody their own", async () => {
    const echo = new Echo();
    const retriever = new BatchingRetriever(echo);
    const asked = [["a"], ["b", "c"], [], ["a"]].map((queries) => retriever.search(queries, 3));
    expect((await Promise.all(asked)).map(ids)).toEqual([["a:3"], ["b:3", "c:3"], [], ["a:3"]]);
    expect(echo.calls).toEqual([{ queries: ["a", "b", "c", "a"], k: 3 }]);
  });

  test("asks apart what wants another number of passages", async () => {
    const echo = new Echo();
    const retriever = new BatchingRetriever(echo);
    const found = await Promise.all([retriever.search(["a"], 3), retriever.search(["a"], 5)]);
    expect(found.map(ids)).toEqual([["a:3"], ["a:5"]]);
    expect(echo.calls).toHaveLength(2);
  });

  test("tells a failure to all who asked, and goes on", async () => {
    const retriever = new BatchingRetriever(new Echo());
    const asked = await Promise.allSettled([
      retriever.search(["a"], 1),
      retriever.search(["bad"], 1),
    ]);
    expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(ids(await retriever.search(["a"], 1))).toEqual(["a:1"]);
  });
});

describe("the cache", () => {
  test("asks for nothing twice, and keeps numbers of passages apart", async () => {
    const echo = new Echo();
    const retriever = new CachedRetriever(echo);
    expect(ids(await retriever.search(["a", "b", "a"], 2))).toEqual(["a:2", "b:2", "a:2"]);
    expect(ids(await retriever.search(["c", "b"], 2))).toEqual(["c:2", "b:2"]);
    expect(ids(await retriever.search(["a"], 3))).toEqual(["a:3"]);
    expect(echo.calls).toEqual([
      { queries: ["a", "b"], k: 2 },
      { queries: ["c"], k: 2 },
      { queries: ["a"], k: 3 },
    ]);
  });

  test("forgets what was not asked for longest", async () => {
    const echo = new Echo();
    const retriever = new CachedRetriever(echo, 2);
    for (const query of ["a", "b", "a", "c", "a", "b"]) await retriever.search([query], 1);
    expect(echo.calls.map(({ queries }) => queries[0])).toEqual(["a", "b", "c", "b"]);
  });

  test("answers a batch that is larger than it", async () => {
    const retriever = new CachedRetriever(new Echo(), 2);
    expect(ids(await retriever.search(["a", "b", "c", "d"], 1))).toEqual([
      "a:1",
      "b:1",
      "c:1",
      "d:1",
    ]);
  });

  test("remembers no failure", async () => {
    const echo = new Echo();
    const retriever = new CachedRetriever(echo);
    await expect(retriever.search(["bad"], 1)).rejects.toThrow("refused");
    await expect(retriever.search(["bad"], 1)).rejects.toThrow("refused");
    expect(echo.calls).toHaveLength(2);
  });
});
