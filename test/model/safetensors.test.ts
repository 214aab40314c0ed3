import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { UserError } from "../../src/core/errors.ts";
import { openSafetensors, parseSafetensors } from "../../src/model/safetensors.ts";
import { safetensorsChunks } from "../../src/model/write-safetensors.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

async function encode(tensors: Tensor[]): Promise<Buffer> {
  const named = tensors.map((tensor) => ({ ...tensor, pieces: () => [tensor.values] }));
  return Buffer.concat(await Array.fromAsync(safetensorsChunks(named)));
}

/** A file by hand: a header, an object or its very text, and the bytes behind it. */
function file(header: unknown, data: Uint8Array | number = 0): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const json = Buffer.from(text);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, typeof data === "number" ? Buffer.alloc(data) : data]);
}

const entry = (shape: unknown, start: unknown, end: unknown, dtype: unknown = "F32") => ({
  dtype,
  shape,
  data_offsets: [start, end],
});

test("the bytes written are those of the safetensors library", async () => {
  const values = Float32Array.of(1, -2);
  const bytes = await encode([
    { name: "b", shape: [2, 1], values },
    { name: "a", shape: [], values: Float32Array.of(0.5) },
  ]);
  const header =
    '{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},' +
    '"b":{"dtype":"F32","shape":[2,1],"data_offsets":[4,12]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const numbers = Float32Array.of(0.5, 1, -2);
  expect(bytes).toEqual(Buffer.from(file(padded, new Uint8Array(numbers.buffer))));
});

test("any tensors come back bit for bit, whatever order they are given in", async () => {
  const tensor = fc.record({
    name: fc.string({ unit: "binary" }).filter((name) => name !== "__metadata__"),
    values: fc.float32Array({ maxLength: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(tensor, { selector: ({ name }) => name }), async (tensors) => {
      const named = tensors.map(({ name, values }) => ({ name, shape: [values.length], values }));
      const bytes = await encode(named);
      expect(await encode(named.toReversed())).toEqual(bytes);
      const read = parseSafetensors(bytes, "f");
      expect(read.tensors.size).toBe(named.length);
      for (const { name, values } of named) {
        const bits = (numbers: Float32Array) => [
          ...new Uint8Array(Float32Array.from(numbers).buffer),
        ];
        expect(bits(read.read(name))).toEqual(bits(values));
      }
    }),
  );
});

test("half precision and bfloat16 become the single precision numbers they stand for", () => {
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00, 0x3f80, 0xc000, 0x0001, 0x7f80);
  const header = { h: entry([4], 0, 8, "F16"), b: entry([2, 2], 8, 16, "BF16") };
  const read = parseSafetensors(file(header, new Uint8Array(halves.buffer)), "f");
  expect([...read.read("h")]).toEqual([1, -2, 2 ** -24, Infinity]);
  expect([...read.read("b")]).toEqual([1, -2, 2 ** -133, Infinity]);
});

test("a file and its bytes in memory read alike, also where numbers are not aligned", () => {
  using directory = new TemporaryDirectory();
  const odd = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}   ';
  expect(odd.length % 4).not.toBe(0);
  const bytes = file(odd, new Uint8Array(Float32Array.of(7).buffer));
  using opened = openSafetensors(directory.file("a.safetensors", bytes));
  expect([...opened.read("a")]).toEqual([7]);
  expect([...parseSafetensors(bytes, "f").read("a")]).toEqual([7]);
});

describe("a file that lies is refused, naming file and tensor", () => {
  const one = { a: entry([1], 0, 4) };
  const whole = file(one, 4);
  const cases: [string, Uint8Array, string][] = [
    ["nothing", new Uint8Array(), "0 bytes, too few for a header"],
    ["seven bytes", whole.subarray(0, 7), "7 bytes, too few for a header"],
    ["header cut off", whole.subarray(0, 20), "the file has 12"],
    ["endless header", new Uint8Array(16).fill(255), "a header of 18446744073709551615 bytes"],
    ["text", Buffer.from("version https://git-lfs.github.com/spec/v1"), "a header of"],
    ["no JSON", file("{"), "the header is not JSON"],
    ["no UTF-8", file("\ud800").fill(0xff, 8), "the header is not UTF-8"],
    ["a list", file("[]"), "the header is no JSON object"],
    ["name twice", file('{"a":1,"\\u0061":2}'), '"a" stands twice'],
    ["key twice", file('{"a":{"dtype":"F32","dtype":"F16"}}'), '"dtype" stands twice'],
    ["metadata", file({ __metadata__: { n: 1 } }), "__metadata__ is no object of strings"],
    ["entry", file({ a: 3 }), '"a": no dtype; supported are F32, F16 and BF16'],
    ["dtype", file({ a: entry([1], 0, 8, "I64") }, 8), '"a": dtype "I64"; supported'],
    ["inherited dtype", file({ a: entry([1], 0, 4, "toString") }, 4), 'dtype "toString"'],
    ["negative", file({ a: entry([-1], 0, 4) }, 4), '"a": shape is no list of whole numbers'],
    ["fraction", file({ a: entry([1], 0.5, 4.5) }, 8), '"a": data_offsets are no [start, end]'],
    ["backwards", file({ a: entry([1], 4, 0) }, 4), "takes 4 bytes, data_offsets [4, 0] hold -4"],
    ["overflow", file({ a: entry([2 ** 40, 2 ** 40], 0, 4) }, 4), "is too large"],
    ["short", file({ a: entry([2], 0, 4) }, 4), "shape (2) in F32 takes 8 bytes"],
    ["out of range", file(one, 3), '"a" ends at byte 4 of the data, there are 3'],
    ["trailing", file(one, 5), "1 bytes after the last tensor belong to none"],
    [
      "gap",
      file({ a: entry([1], 4, 8) }, 8),
      '"a" leaves a gap before it: begins at 4, expected 0',
    ],
    [
      "overlap",
      file({ a: entry([2], 0, 8), b: entry([1], 4, 8) }, 8),
      '"b" overlaps the tensor before it: begins at 4, expected 8',
    ],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    const read = () => parseSafetensors(bytes, "dir/m.safetensors");
    expect(read).toThrow(UserError);
    expect(read).toThrow("dir/m.safetensors: ");
    expect(read).toThrow(message);
  });

  test("any byte changed gives a file or a UserError, never another error", async () => {
    const good = await encode([
      { name: "a", shape: [2], values: Float32Array.of(1, 2) },
      { name: "b", shape: [1, 1], values: Float32Array.of(3) },
    ]);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Uint8Array.from(good);
        bytes[at] = byte;
        try {
          const read = parseSafetensors(bytes, "f");
          for (const name of read.tensors.keys()) read.read(name);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test("a missing file and a directory are the caller's mistake", () => {
  expect(() => openSafetensors("/nowhere/m")).toThrow("/nowhere/m: cannot read: no such file");
  expect(() => openSafetensors("/")).toThrow("/: cannot read: ");
});
