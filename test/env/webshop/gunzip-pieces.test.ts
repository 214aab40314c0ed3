import { expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { randomFrom } from "../../../src/core/random.ts";
import { gunzipPieces } from "../../../src/env/webshop/gunzip-pieces.ts";
import { readElements } from "../../../src/env/webshop/json-elements.ts";
import { TemporaryDirectory } from "../../support/temporary.ts";

/** Three and a half megabytes that gzip makes half as large. */
const random = randomFrom(1);
const TEXT = Buffer.from(
  Array.from({ length: 300_000 }, () => random.integer(2 ** 31).toString(36)).join(" "),
);
const PACKED = gzipSync(TEXT);

function unpack(packed: Uint8Array, size: number): Buffer {
  const pieces = function* () {
    for (let at = 0; at < packed.length; at += size) yield packed.subarray(at, at + size);
  };
  const unpacked: Buffer[] = [];
  // The pieces share one buffer.
  for (const piece of gunzipPieces(pieces())) unpacked.push(Buffer.from(piece));
  return Buffer.concat(unpacked);
}

test.each([1000, 65_536, PACKED.length])("pieces of %d bytes give the whole text", (size) => {
  expect(unpack(PACKED, size).equals(TEXT)).toBe(true);
});

test("a file of several members is unpacked to their end", () => {
  const two = Buffer.concat([gzipSync("first, "), gzipSync("second")]);
  expect(unpack(two, 7).toString()).toBe("first, second");
});

test.each([
  ["nothing", new Uint8Array(0), "unexpected end of file"],
  ["a text", Buffer.from("not packed at all"), "incorrect header check"],
  ["one cut off at its end", PACKED.subarray(0, -3), "unexpected end of file"],
  ["one cut off in the middle", PACKED.subarray(0, PACKED.length / 2), "unexpected end of file"],
])("%s is refused", (_, packed, message) => {
  expect(() => unpack(packed, 65_536)).toThrow(message);
});

test("no more than a piece is held, however much comes out", () => {
  const zeros = gzipSync(new Uint8Array(1 << 28));
  const [size, longest] = [...gunzipPieces([zeros])].reduce(
    ([sum, most], { length }) => [sum! + length, Math.max(most!, length)],
    [0, 0],
  );
  expect([size, longest]).toEqual([1 << 28, 1 << 20]);
});

test("the elements of a packed file are those of the plain one, one at a time", () => {
  using folder = new TemporaryDirectory();
  const elements = Array.from({ length: 40_000 }, (_, i) => ({ i, word: `word ${i * i}` }));
  const packed = gzipSync(JSON.stringify(elements));
  const path = folder.file("a.json.gz", packed);
  expect([...readElements(path, "array", "one")].map(({ value }) => value)).toEqual(elements);
  // The first come before the end is read: it is missing here.
  const torn = folder.file("b.json.gz", packed.subarray(0, -9));
  const reader = readElements(torn, "array", "one");
  expect(reader.next().value?.value).toEqual(elements[0]);
  expect(() => [...reader]).toThrow(`${torn}: not a whole gzip file: unexpected end of file`);
});
