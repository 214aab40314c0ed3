import { describe, expect, test } from "bun:test";
import { zstdCompressSync } from "node:zlib";
import { UserError } from "../../src/core/errors.ts";
import { readCorpus } from "../../src/retrieval/read-corpus.ts";
import type { Passage } from "../../src/retrieval/retriever.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

async function read(name: string, content: string | Uint8Array): Promise<Passage[]> {
  using directory = new TemporaryDirectory();
  return await Array.fromAsync(readCorpus([directory.file(name, content)]));
}

/** The error without the directory, which is another each time. */
async function errorOf(name: string, content: string | Uint8Array): Promise<string> {
  const error = await read(name, content).then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message.replace(/^.*\/(?=[^/]*$)/, "");
}

const TWO = [
  { id: "1", contents: '"A "B" C"\nfirst text' },
  { id: "2", contents: "no title" },
];
const LINES = TWO.map((row) => JSON.stringify(row)).join("\n");

describe("passages from", () => {
  test("wiki-18's JSON Lines, fields of others left out", async () => {
    const row = JSON.stringify({ ...TWO[0], src: ["x"], url: "u" });
    expect(await read("corpus.jsonl", `${row}\n\n${JSON.stringify(TWO[1])}`)).toEqual(TWO);
  });

  test.each([
    ["corpus.jsonl.gz", Bun.gzipSync(Buffer.from(LINES))],
    ["corpus.jsonl.zst", zstdCompressSync(Buffer.from(LINES))],
  ])("%s", async (name, bytes) => {
    expect(await read(name, new Uint8Array(bytes))).toEqual(TWO);
  });

  test("BEIR: title and text, a number for an id", async () => {
    const rows = [
      '{"_id": "x", "title": "T", "text": "one"}',
      '{"_id": 2, "title": "", "text": "two"}',
    ];
    expect(await read("corpus.jsonl", rows.join("\r\n"))).toEqual([
      { id: "x", contents: '"T"\none' },
      { id: "2", contents: "two" },
    ]);
  });

  test("DPR's table, its quotes undone", async () => {
    const table =
      'id\ttext\ttitle\n1\t"He said ""hi"" there"\tAda\n2\tplain "words" here\t"""Q"" and A"\n';
    expect(await read("psgs_w100.tsv", table)).toEqual([
      { id: "1", contents: '"Ada"\nHe said "hi" there' },
      { id: "2", contents: '""Q" and A"\nplain "words" here' },
    ]);
  });

  test("several files, one after the other", async () => {
    using directory = new TemporaryDirectory();
    const paths = TWO.map((row, i) => directory.file(`${i}.jsonl`, JSON.stringify(row)));
    expect(await Array.fromAsync(readCorpus(paths))).toEqual(TWO);
  });

  test("lines of any length, across the pieces in which a file is read", async () => {
    const long = { id: "l", contents: "ä".repeat(400_000) };
    expect(await read("c.jsonl", `${JSON.stringify(long)}\n${LINES}`)).toEqual([long, ...TWO]);
  });
});

test("NUL, halves of characters and bytes that are no text are replaced", async () => {
  const escaped = '{"id": "1", "contents": "a\\u0000b\\ud800c"}\n';
  const raw = [...Buffer.from('{"id": "2", "contents": "x'), 0xff, ...Buffer.from('y"}')];
  const bytes = new Uint8Array([...Buffer.from(escaped), ...raw]);
  expect((await read("c.jsonl", bytes)).map(({ contents }) => contents)).toEqual([
    "a\ufffdb\ufffdc",
    "x\ufffdy",
  ]);
});

describe("what is malformed is told with file and line", () => {
  test.each([
    ["c.jsonl", `${LINES}\n\n{"id": "3", `, "c.jsonl:4: not JSON"],
    [
      "c.jsonl",
      '{"contents": "x"}',
      "c.jsonl:1: id: found nothing, allowed: a string or a whole number",
    ],
    ["c.jsonl", '{"id": 1.5, "contents": "x"}', "c.jsonl:1: id: found 1.5"],
    [
      "c.jsonl",
      `${LINES}\n{"id": "3"}`,
      "c.jsonl:3: contents: found nothing, allowed: a string, or title and text",
    ],
    ["c.jsonl", '{"id": "3", "contents": 7}', "c.jsonl:1: contents: found 7"],
    ["c.jsonl", "7", "c.jsonl:1: id: found nothing"],
    ["c.jsonl", `${LINES}\n{"id": "2", "contents": "x"}`, 'c.jsonl:3: id "2" stands twice'],
    ["p.tsv", "id\ttext\ttitle\n1\tx", "p.tsv:2: found 2 columns, allowed: id, text and title"],
    ["p.tsv", "1\tx\ty\tz", "p.tsv:1: found 4 columns"],
    ["p.tsv", "1\tx\ty\n1\tx\ty", 'p.tsv:2: id "1" stands twice'],
    ["c.jsonl.gz", LINES, "c.jsonl.gz: is cut off or not compressed as it says"],
    ["c.jsonl.zst", LINES, "c.jsonl.zst: is cut off or not compressed as it says"],
  ])("%s: %j", async (name, content, message) => {
    expect(await errorOf(name, content)).toStartWith(message);
  });

  test("a compressed file that ends early", async () => {
    const whole = Bun.gzipSync(Buffer.from(LINES.repeat(1)));
    expect(await errorOf("c.jsonl.gz", whole.slice(0, -9))).toContain("is cut off");
  });

  test("a file that is not there", async () => {
    const reading = Array.fromAsync(readCorpus(["/nowhere/corpus.jsonl.gz"]));
    await expect(reading).rejects.toThrow("/nowhere/corpus.jsonl.gz: cannot read: no such file");
  });
});

test("an id that stands twice is found wherever numbers leave their order", async () => {
  const rows = (ids: readonly (string | number)[]) =>
    ids.map((id) => JSON.stringify({ id, contents: "x" })).join("\n");
  for (const ids of [
    ["5", 6, "7", "6"],
    [0, 2, 1, "2"],
    [0, 2, 1, 2],
    ["a", 3, 4, "a"],
    [9, 3, 4, 3],
  ]) {
    expect(await errorOf("c.jsonl", rows(ids))).toContain(`c.jsonl:4: id "${ids[3]}" stands twice`);
  }
  for (const ids of [
    [5, 6, "x", 7],
    [0, 2, 1, 3],
    ["01", "1", 1e3, "001"],
    [3, 2, 1, 0],
  ]) {
    expect(await read("c.jsonl", rows(ids))).toHaveLength(4);
  }
});
