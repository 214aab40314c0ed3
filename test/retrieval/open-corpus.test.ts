import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "../../src/core/errors.ts";
import { Bm25Retriever } from "../../src/retrieval/bm25-retriever.ts";
import { fileFingerprint } from "../../src/retrieval/fingerprint.ts";
import {
  type CorpusOptions,
  openCorpus,
  progressReporter,
} from "../../src/retrieval/open-corpus.ts";
import { openSaved } from "../../src/retrieval/saved-corpus.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const RANKING = { k1: 0.9, b: 0.4 };
const QUERIES = ["blue", "word7 word11", "title5 blue", "nothing of the sort"];

/** Passages whose words differ. */
function corpus(count: number): string {
  return Array.from({ length: count }, (_, i) => {
    const words = `blue word${i % 13} word${i % 7} ü${i}`;
    return JSON.stringify({ id: `p${i}`, contents: `"Title${i % 50}"\n${words}` });
  }).join("\n");
}

/** Opens a corpus of 400 passages in a directory, with what was told meanwhile. */
async function open(directory: TemporaryDirectory, options: Partial<CorpusOptions> = {}) {
  const path = join(directory.path, "corpus.jsonl");
  if (!existsSync(path)) writeFileSync(path, corpus(400));
  const told: string[] = [];
  const retriever = await openCorpus({ files: [path] }, { ranking: RANKING, ...options }, (line) =>
    told.push(line),
  );
  return { retriever, told };
}

describe("an index that is kept", () => {
  test("is opened again without the passages being read, and finds the same", async () => {
    using directory = new TemporaryDirectory();
    const saved = join(directory.path, "index");
    const inMemory = (await open(directory)).retriever;
    const { retriever: built, told } = await open(directory, { saved });
    expect(told).toEqual([
      expect.stringMatching(/^indexed 400 passages in .* \(.*\), kept in .*index$/),
    ] as never);
    const again = await open(directory, { saved });
    expect(again.told).toEqual([]);
    const wanted = await inMemory.search(QUERIES, 5);
    expect(wanted.map(({ length }) => length)).toEqual([5, 5, 5, 0]);
    expect(await built.search(QUERIES, 5)).toEqual(wanted);
    expect(await again.retriever.search(QUERIES, 5)).toEqual(wanted);
    expect(readdirSync(saved).sort()).toEqual([
      "corpus.json",
      "index.bm25",
      "passages.jsonl",
      "passages.jsonl.starts",
    ]);
  });

  test("ranks as it is asked to, whatever it was built with", async () => {
    using directory = new TemporaryDirectory();
    const saved = join(directory.path, "index");
    await open(directory, { saved });
    const other = { k1: 1.2, b: 0.75 };
    const { retriever } = await open(directory, { saved, ranking: other });
    const wanted = (await open(directory, { ranking: other })).retriever;
    expect(await retriever.search(QUERIES, 9)).toEqual(await wanted.search(QUERIES, 9));
  });

  test.each<[string, (saved: string, directory: string) => void, Partial<CorpusOptions>, string]>([
    [
      "of a corpus that has grown",
      (_, at) => appendFileSync(`${at}/corpus.jsonl`, "\n"),
      {},
      "the index was made of corpus.jsonl",
    ],
    [
      "of a corpus with another word of the same length",
      (_, at) => {
        const path = `${at}/corpus.jsonl`;
        writeFileSync(path, readFileSync(path, "utf8").replace("ü399", "ü398"));
      },
      {},
      "corpus.json: the index was made of another ",
    ],
    ["of another part of it", () => {}, { limit: 7 }, "asked for is corpus.jsonl"],
    ["cut short", (saved) => truncateSync(`${saved}/index.bm25`, 5000), {}, "bytes instead of"],
    [
      "of zeros",
      (saved) => writeFileSync(`${saved}/index.bm25`, new Uint8Array(4000)),
      {},
      "is not a search index of empg",
    ],
    [
      "empty",
      (saved) => writeFileSync(`${saved}/index.bm25`, ""),
      {},
      "is empty, not a search index",
    ],
    [
      "without its index",
      (saved) => rmSync(`${saved}/index.bm25`),
      {},
      "index.bm25: cannot read: no such file",
    ],
    [
      "without its passages",
      (saved) => rmSync(`${saved}/passages.jsonl`),
      {},
      "passages.jsonl: cannot read: no such file",
    ],
    [
      "with fewer passages",
      (saved) => truncateSync(`${saved}/passages.jsonl.starts`, 800),
      {},
      "400 passages, of which 400 are indexed and 99 stored",
    ],
    [
      "with a broken description",
      (saved) => writeFileSync(`${saved}/corpus.json`, "{"),
      {},
      "corpus.json",
    ],
    [
      "described otherwise",
      (saved) => writeFileSync(`${saved}/corpus.json`, '{"passages": "x"}'),
      {},
      "corpus.json: passages",
    ],
  ])("is refused when it is %s", async (_, damage, options, message) => {
    using directory = new TemporaryDirectory();
    const saved = join(directory.path, "index");
    await open(directory, { saved });
    damage(saved, directory.path);
    const error = await open(directory, { saved, ...options }).then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toContain(message);
  });

  test.each([0.1, 0.3, 0.5, 0.7, 0.9, 0.999])(
    "is refused when a bit at %d of it has changed",
    async (place) => {
      using directory = new TemporaryDirectory();
      const saved = join(directory.path, "index");
      await open(directory, { saved });
      const path = join(saved, "index.bm25");
      const bytes = readFileSync(path);
      // Not the padding between arrays: nothing reads it.
      const at = [...bytes.keys()]
        .slice(Math.floor(place * bytes.length))
        .find((i) => bytes[i] !== 0)!;
      bytes[at]! ^= 1;
      writeFileSync(path, bytes);
      await expect(open(directory, { saved })).rejects.toThrow(
        /damaged|bytes instead of|not a search index|version/,
      );
    },
  );

  test("of passages without a file is refused for others, though they are as many", async () => {
    using directory = new TemporaryDirectory();
    const saved = join(directory.path, "index");
    const passages = ["blue", "green", "red"].map((contents, i) => ({ id: `${i}`, contents }));
    const from = (some: typeof passages) =>
      openCorpus({ passages: some }, { ranking: RANKING, saved }, () => {});
    await from(passages);
    const again = await from(passages);
    expect((await again.search(["green"], 1))[0]![0]!.id).toBe("1");
    for (const other of [
      { id: "2", contents: "rot" },
      { id: "3", contents: "red" },
    ]) {
      await expect(from([...passages.slice(0, 2), other])).rejects.toThrow(
        /made of 3 paragraphs \(\w{16}\), asked for is 3 paragraphs/,
      );
    }
  });

  test("of a larger corpus than is hashed at once is refused for a change at its end", async () => {
    using directory = new TemporaryDirectory();
    const path = join(directory.path, "large.tsv");
    const line = (i: number) => `${i}\t${"blue ".repeat(50_000)}${i}\tTitle\n`;
    writeFileSync(path, Array.from({ length: 18 }, (_, i) => line(i + 10)).join(""));
    const whole = await fileFingerprint(path);
    expect(await fileFingerprint(path)).toBe(whole);
    writeFileSync(
      path,
      Array.from({ length: 18 }, (_, i) => line(i + (i < 17 ? 10 : 11))).join(""),
    );
    expect(await fileFingerprint(path)).not.toBe(whole);
  });

  test("whose stored passages are damaged says so when they are read", async () => {
    using directory = new TemporaryDirectory();
    const saved = join(directory.path, "index");
    await open(directory, { saved });
    const path = join(saved, "passages.jsonl");
    writeFileSync(path, readFileSync(path).fill(0x20));
    const { index, passages } = await openSaved(saved);
    expect(index.documentCount).toBe(400);
    expect(() => passages.read(3)).toThrow(`${path}: is damaged or cut short`);
    truncateSync(path, 10);
    expect(() => passages.read(399)).toThrow(`${path}: is damaged or cut short`);
  });

  test("is not left half made when the corpus is malformed, and the line is named", async () => {
    using directory = new TemporaryDirectory();
    directory.file("corpus.jsonl", `${corpus(3)}\nbroken`);
    const saved = join(directory.path, "index");
    await expect(open(directory, { saved })).rejects.toThrow("corpus.jsonl:4: not JSON");
    expect(readdirSync(saved)).toEqual([]);
  });
});

test("a long build tells how far it is, not more often than a person reads", async () => {
  const passages = async function* () {
    for (let i = 0; i < 5000; i++) {
      if (i === 2500) await Bun.sleep(2100);
      yield { id: `${i}`, contents: "blue" };
    }
  };
  const told: string[] = [];
  await Bm25Retriever.from(
    passages(),
    RANKING,
    progressReporter((line) => told.push(line)),
  );
  expect(told).toEqual([
    expect.stringMatching(/^indexing: 3,000 passages, [\d,]+ a second$/),
  ] as never);
});

describe("a part of a corpus", () => {
  const idsOf = async (options: Partial<CorpusOptions>) => {
    using directory = new TemporaryDirectory();
    directory.file("ids", "p7\np399\nunknown\n");
    directory.file("titles", "Title3\r\nTitle9\r\n");
    const at = (name: string | undefined) =>
      name === undefined ? undefined : join(directory.path, name);
    const { retriever } = await open(directory, {
      ...options,
      ...{ idsFile: at(options.idsFile), titlesFile: at(options.titlesFile) },
    });
    const { passages } = retriever;
    return Array.from({ length: passages.count }, (_, i) => passages.read(i).id);
  };
  const numbers = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => `p${from + i}`);
  const titled = Array.from({ length: 400 }, (_, i) => i)
    .filter((i) => [3, 9].includes(i % 50))
    .map((i) => `p${i}`);

  test("the first so many", async () => {
    expect(await idsOf({ limit: 5 })).toEqual(numbers(0, 5));
  });

  test("that is nothing is refused", async () => {
    using directory = new TemporaryDirectory();
    const idsFile = directory.file("ids", "unknown\n");
    const saved = join(directory.path, "index");
    for (const more of [{}, { saved }, { saved }]) {
      await expect(open(directory, { idsFile, ...more })).rejects.toThrow(
        /corpus\.jsonl: no passage to search in; 1 ids \w+$/,
      );
    }
  });

  test("by id, by title, or both", async () => {
    expect(await idsOf({ idsFile: "ids" })).toEqual(["p7", "p399"]);
    expect(await idsOf({ titlesFile: "titles" })).toEqual(titled);
    const both = await idsOf({ idsFile: "ids", titlesFile: "titles" });
    expect([...both].sort()).toEqual([...titled, "p7", "p399"].sort());
  });

  test("the first so many and what is named behind them", async () => {
    expect(await idsOf({ limit: 8, idsFile: "ids" })).toEqual([...numbers(0, 8), "p399"]);
  });

  test("so many at random, the same each time, with what is named beside them", async () => {
    const some = await idsOf({ sample: 60 });
    expect(some).toHaveLength(60);
    expect(await idsOf({ sample: 60 })).toEqual(some);
    expect(some).toEqual([...some].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1))));
    const named = await idsOf({ sample: 60, titlesFile: "titles" });
    expect(named).toHaveLength(60 + titled.length);
    expect(named).toEqual(expect.arrayContaining(titled));
    expect(await idsOf({ sample: 1000 })).toEqual(numbers(0, 400));
  });

  test("a sample favours no place", async () => {
    // 60 of 400, so 15 of each quarter of the corpus, within three standard deviations.
    const some = (await idsOf({ sample: 60 })).map((id) => Math.floor(Number(id.slice(1)) / 100));
    for (const quarter of [0, 1, 2, 3]) {
      const count = some.filter((one) => one === quarter).length;
      expect(Math.abs(count - 15)).toBeLessThan(3 * Math.sqrt(60 * 0.25 * 0.75));
    }
  });
});
