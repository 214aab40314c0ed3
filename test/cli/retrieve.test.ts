import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { dispatch } from "../../src/cli/dispatch.ts";
import { HttpRetriever } from "../../src/retrieval/http-retriever.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const CORPUS =
  '{"id": "1", "contents": "\\"Ada\\"\\nAda was born in Corin."}\n{"id": "2", "contents": "Corin lies by the sea."}\n';

describe("queries at once", () => {
  test("are answered with scores, ids, titles and texts", async () => {
    using directory = new TemporaryDirectory();
    directory.file("corpus.jsonl", CORPUS);
    const { code, out, notes } = await runCli([
      "retrieve",
      "--data",
      directory.path,
      "Ada",
      "xyzzy",
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/^# Ada\n\d\.\d{3} {2}1 {2}Ada\n {2}Ada was born in Corin\.\n# xyzzy$/);
    expect(notes).toMatch(/^indexed 2 passages in .*\nno passage was found$/);
  });

  test("as JSON for machines, over the generated world where no corpus is named", async () => {
    const { out } = await runCli([
      "retrieve",
      "the river that runs through Port Zemu",
      "--topk",
      "2",
      "--json",
    ]);
    const [{ query, passages }] = JSON.parse(out);
    expect(query).toBe("the river that runs through Port Zemu");
    expect(passages).toHaveLength(2);
    expect(passages[0].score).toBeGreaterThan(passages[1].score);
    expect(passages[0].contents).toContain("Zemu");
  });

  test("from an index that is kept, without its corpus", async () => {
    using directory = new TemporaryDirectory();
    const corpus = directory.file("c.jsonl", CORPUS);
    const index = `${directory.path}/index`;
    const built = await runCli([
      "retrieve",
      "--corpus",
      corpus,
      "--index",
      index,
      "Corin",
      "--json",
    ]);
    expect(existsSync(`${index}/index.bm25`)).toBe(true);
    const again = await runCli(["retrieve", "--index", index, "Corin", "--json"]);
    expect(JSON.parse(again.out)).toEqual(JSON.parse(built.out));
    expect(again.notes).toBe("");
  });

  test("an index that is kept is refused for another part of the corpus than it is of", async () => {
    using directory = new TemporaryDirectory();
    const corpus = directory.file("c.jsonl", CORPUS);
    const ids = directory.file("ids", "1\n");
    const index = `${directory.path}/index`;
    const ask = (...args: string[]) => runCli(["retrieve", "Corin", "--index", index, ...args]);
    expect((await ask("--corpus", corpus)).code).toBe(0);
    for (const part of [
      ["--limit", "1"],
      ["--sample", "1"],
      ["--ids", ids],
      ["--titles", ids],
    ]) {
      for (const args of [part, ["--corpus", corpus, ...part]]) {
        const { code, out, notes } = await ask(...args);
        expect([code, out]).toEqual([2, ""]);
        expect(notes).toContain("the index was made of c.jsonl");
      }
    }
  });

  test("an index of a part of the generated world is opened for that part alone", async () => {
    using directory = new TemporaryDirectory();
    const ask = (...args: string[]) =>
      runCli(["retrieve", "town", "--index", `${directory.path}/index`, "--json", ...args]);
    const built = await ask("--limit", "40");
    expect(JSON.parse(built.out)[0].passages).toHaveLength(3);
    const again = await ask("--limit", "40");
    expect([again.out, again.notes]).toEqual([built.out, ""]);
    expect((await ask("--limit", "41")).notes).toMatch(
      /the index was made of limit 40; .* asked for is limit 41; /,
    );
  });
});

test.each<[string[], string]>([
  [[], "error: retrieve: name queries, or --serve, and not both"],
  [["q", "--serve"], "error: retrieve: name queries, or --serve, and not both"],
  [["q", "--data", "/nowhere", "--corpus", "x"], "error: retrieve: --data or --corpus, not both"],
  [["q", "--data", "/nowhere"], "error: /nowhere: no corpus"],
  [["q", "--corpus", "/nowhere.jsonl"], "error: /nowhere.jsonl: cannot read: no such file"],
  [["q", "--topk", "0"], 'error: --topk: found "0"'],
  [["--serve", "--port", "70000"], 'error: --port: found "70000"'],
])("%j is refused", async (args, message) => {
  const { code, notes } = await runCli(["retrieve", ...args]);
  expect(code).toBe(2);
  expect(notes).toStartWith(message);
});

interface Serving {
  /** Where it says that it listens. */
  readonly url: string;
  stop(): Promise<number>;
}

/** Serves until it is stopped; what it says is awaited. */
async function serve(...args: string[]): Promise<Serving> {
  const interrupt = new AbortController();
  const { promise, resolve } = Promise.withResolvers<string>();
  const done = dispatch(["retrieve", "--serve", "--port", "0", ...args], {
    io: {
      ...{ out: () => {}, write: () => {}, ask: async () => null, isTerminal: false },
      note: (line) => {
        const url = /^serving .* passages on (.*)$/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      },
      interrupted: interrupt.signal,
    },
    catchSignals: () => {},
  });
  return {
    url: await promise,
    stop: () => {
      interrupt.abort();
      return done;
    },
  };
}

describe("--serve", () => {
  test("answers our client in every dialect, tells of its health, and ends when interrupted", async () => {
    using directory = new TemporaryDirectory();
    const corpus = directory.file("c.jsonl", CORPUS);
    const { url, stop } = await serve("--corpus", corpus, "--k1", "1.2");
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/retrieve$/);
    const { out } = await runCli([
      "retrieve",
      "--corpus",
      corpus,
      "--k1",
      "1.2",
      "Corin",
      "Ada",
      "--json",
    ]);
    const wanted = JSON.parse(out).map(({ passages }: { passages: unknown }) => passages);
    for (const dialect of ["auto", "search-r1", "verl", "skyrl"] as const) {
      expect(await new HttpRetriever([url], { dialect }).search(["Corin", "Ada"], 3)).toEqual(
        wanted,
      );
    }
    const health = await (await fetch(url.replace("/retrieve", "/health"))).json();
    expect(health).toEqual({
      ...{
        status: "ok",
        passages: 2,
        terms: 5,
        tokens: 7,
        average_length: 3.5,
        k1: 1.2,
        b: 0.4,
        topk: 3,
      },
    });
    const [code] = await Promise.all([stop()]);
    expect(code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  test("listens on this machine alone unless told otherwise", async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .find(({ internal, family }) => !internal && family === "IPv4")?.address;
    const { url, stop } = await serve();
    expect(new URL(url).hostname).toBe("127.0.0.1");
    if (outside === undefined)
      console.log("no other address of this machine: loopback not tried from outside");
    else await expect(fetch(url.replace("127.0.0.1", outside))).rejects.toThrow();
    await stop();
  });

  test("an address that is taken is told", async () => {
    const { url, stop } = await serve();
    const { code, notes } = await runCli(["retrieve", "--serve", "--port", new URL(url).port]);
    expect(code).toBe(2);
    expect(notes).toContain(`cannot listen on 127.0.0.1:${new URL(url).port}`);
    await stop();
  });

  test("an agent's episodes can search there", async () => {
    const { url, stop } = await serve();
    const actions = ["<search>Port Zemu</search>", "<answer>x</answer>"];
    using directory = new TemporaryDirectory();
    const file = directory.file("a.json", JSON.stringify(actions));
    const play = ["play", "deepsearch", "--task", "test/2hop/1", "--actions", file, "--json"];
    const there = JSON.parse((await runCli([...play, "--option", `retriever=${url}`])).out);
    const here = JSON.parse((await runCli(play)).out);
    expect(there.transcript).toEqual(here.transcript);
    expect(here.transcript[0].observation).toContain("Doc 1(Title: ");
    await stop();
  });
});
