import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { jsonLine, readJsonLines, writeJsonLines } from "../../src/core/jsonl.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

async function read(content: string | Uint8Array) {
  using directory = new TemporaryDirectory();
  const path = directory.file("records.jsonl", content);
  const lines = await Array.fromAsync(readJsonLines(path));
  return lines.map(({ value, where }) => [value, where.slice(directory.path.length + 1)]);
}

test("blank lines are skipped, yet lines count from 1 as an editor counts them", async () => {
  expect(await read('\ufeff1\r\n\n  \n{"a":"ü"}')).toEqual([
    [1, "records.jsonl:1"],
    [{ a: "ü" }, "records.jsonl:4"],
  ]);
  expect(await read("")).toEqual([]);
});

test("a line far larger than one chunk of the file arrives whole", async () => {
  const text = "ä€𝄞".repeat(400_000);
  const [[value] = []] = await read(`${JSON.stringify(text)}\n2`);
  expect(value === text).toBe(true);
});

test.each([
  ['{"a":1}\n{"a":', "records.jsonl:2: not a JSON value"],
  ["1\n\n1 2", "records.jsonl:3: not a JSON value"],
  [new Uint8Array([0x22, 0xff, 0x22]), "records.jsonl:1: not UTF-8 text"],
])("malformed content %# is refused with file and line", async (content, message) => {
  await expect(read(content)).rejects.toThrow(message);
});

test("NaN is refused with a hint", async () => {
  const error = await read('{"return": NaN}').catch((caught: unknown) => caught);
  expect(error).toHaveProperty(
    "hint",
    "NaN and Infinity are not JSON; every number must be finite",
  );
});

test("a missing file is the caller's mistake", async () => {
  const lines = Array.fromAsync(readJsonLines("/nowhere/records.jsonl"));
  await expect(lines).rejects.toThrow(
    "/nowhere/records.jsonl: cannot read: no such file or directory",
  );
});

test("writing and reading give the same records", async () => {
  using directory = new TemporaryDirectory();
  const path = directory.file("out.jsonl");
  const records = [{ a: [1, 2.5e-9] }, "line\nbreak", null];
  await writeJsonLines(path, records);
  expect(readFileSync(path, "utf8").split("\n").length).toBe(4);
  const values = (await Array.fromAsync(readJsonLines(path))).map(({ value }) => value);
  expect(values).toEqual(records);
});

test("a file that cannot be written is the caller's mistake", async () => {
  await expect(writeJsonLines("/nowhere/out.jsonl", [1])).rejects.toThrow(
    "/nowhere/out.jsonl: cannot write: no such file or directory",
  );
});

test("a NaN is refused, never written as null", () => {
  expect(() => jsonLine({ loss: Number.NaN })).toThrow('NaN in "loss"');
  expect(() => jsonLine({ steps: [{ entropies: [1, Infinity] }] })).toThrow("Infinity");
});
