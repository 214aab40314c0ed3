import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../src/core/errors.ts";
import { buildIndex } from "../../src/retrieval/build-index.ts";
import { openIndex, saveIndex } from "../../src/retrieval/index-file.ts";
import type { SearchIndex } from "../../src/retrieval/search-index.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const TEXTS = ["red sky at night", "The sailor's delight", "red, red wine", "", "日本 ★"];
const QUERY = "red sailor ★";

const index = () => buildIndex(TEXTS, { analyzer: "lucene", scores: "lucene", k1: 1.2 });

/** What is said about a file that cannot be opened. */
function problem(path: string): string {
  try {
    openIndex(path);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message.replace(path, "FILE");
  }
  throw new Error("it was opened");
}

function expectSame(reopened: SearchIndex, original: SearchIndex): void {
  expect(reopened.options).toEqual(original.options);
  expect(reopened.search(QUERY, 9)).toEqual(original.search(QUERY, 9));
  expect([...reopened.terms()]).toEqual([...original.terms()]);
  expect(reopened.totalLength).toBe(original.totalLength);
}

test("a saved index answers as before", async () => {
  using directory = new TemporaryDirectory();
  const path = directory.file("index");
  await saveIndex(index(), path);
  expectSame(openIndex(path), index());
  expect(existsSync(`${path}.partial`)).toBe(false);
});

test("an opened index is saved to the same bytes", async () => {
  using directory = new TemporaryDirectory();
  const [first, second] = [directory.file("first"), directory.file("second")];
  await saveIndex(index(), first);
  await saveIndex(openIndex(first), second);
  expect(readFileSync(second)).toEqual(readFileSync(first));
});

test("an index of nothing is saved and opened", async () => {
  using directory = new TemporaryDirectory();
  const path = directory.file("index");
  await saveIndex(buildIndex([]), path);
  expect(openIndex(path).documentCount).toBe(0);
  expect(openIndex(path).search("red", 3)).toEqual([]);
});

describe("refused", () => {
  test("files that are no index", () => {
    using directory = new TemporaryDirectory();
    expect(problem(directory.file("empty", ""))).toBe("FILE: is empty, not a search index");
    expect(problem(directory.file("text", "EMPG and more"))).toBe(
      "FILE: is not a search index of empg",
    );
    expect(problem(directory.file("short", "EMPGBM25"))).toBe("FILE: is cut short");
    expect(problem(directory.file("absent"))).toBe("FILE: cannot read: no such file or directory");
    expect(problem(directory.path)).toContain("FILE: ");
  });

  test("an index of another version", async () => {
    using directory = new TemporaryDirectory();
    const path = directory.file("index");
    await saveIndex(index(), path);
    const bytes = readFileSync(path);
    bytes.writeUInt32LE(2, 8);
    writeFileSync(path, bytes);
    expect(problem(path)).toBe("FILE: is a search index of version 2; this empg reads version 1");
  });

  test("an index cut anywhere, or with something behind it", async () => {
    using directory = new TemporaryDirectory();
    const path = directory.file("index");
    await saveIndex(index(), path);
    const bytes = readFileSync(path);
    for (let length = 0; length < bytes.length; length += 7) {
      problem(directory.file("cut", bytes.subarray(0, length)));
    }
    const cut = bytes.length - 8;
    expect(problem(directory.file("cut", bytes.subarray(0, cut)))).toBe(
      `FILE: has ${cut} bytes instead of ${bytes.length}`,
    );
    problem(directory.file("longer", Buffer.concat([bytes, Buffer.alloc(8)])));
  });

  test("a byte changed anywhere, unless it only fills a gap", async () => {
    using directory = new TemporaryDirectory();
    const path = directory.file("index");
    await saveIndex(index(), path);
    const bytes = readFileSync(path);
    let accepted = 0;
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << (at % 8);
      const file = directory.file("damaged", damaged);
      try {
        expectSame(openIndex(file), index());
        accepted++;
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        expect((error as UserError).message).toStartWith(file);
      }
    }
    // Each of the seven arrays is filled up with less than eight bytes.
    expect(accepted).toBeLessThan(7 * 8);
  });
});

test("what cannot be written is told with its name", async () => {
  using directory = new TemporaryDirectory();
  const path = join(directory.path, "no", "index");
  await expect(saveIndex(index(), path)).rejects.toThrow(
    new UserError(`${path}: cannot write: no such file or directory`),
  );
});
