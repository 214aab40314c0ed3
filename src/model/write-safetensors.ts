import { invariant, UserError } from "../core/errors.ts";
import type { NamedTensor } from "./tensor-source.ts";

/** Headers end at a multiple of this, so that the numbers are aligned in a mapped file. */
const ALIGNMENT = 8;

/**
 * The bytes of a safetensors file, piece by piece: the header, then every tensor. Tensors go by name,
 * as the `safetensors` library orders them, so equal tensors give equal bytes.
 */
export async function* safetensorsChunks(
  tensors: Iterable<NamedTensor>,
  dtype: WrittenDtype = "F32",
): AsyncGenerator<Uint8Array> {
  const bytes = dtype === "F32" ? 4 : 2;
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const header: [string, unknown][] = [["__metadata__", { format: "pt" }]];
  const names = new Set<string>(["__metadata__"]);
  let next = 0;
  for (const { name, shape } of sorted) {
    invariant(!names.has(name), `two tensors named "${name}"`);
    names.add(name);
    const end = next + bytes * lengthOf(shape);
    header.push([name, { dtype, shape, data_offsets: [next, end] }]);
    next = end;
  }
  // Written pair by pair: an object would put names that look like numbers first.
  const pairs = header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const json = Buffer.from(`{${pairs.join(",")}}`);
  const padding = (ALIGNMENT - (json.length % ALIGNMENT)) % ALIGNMENT;
  const start = Buffer.alloc(8 + json.length + padding, " ");
  start.writeBigUInt64LE(BigInt(json.length + padding));
  json.copy(start, 8);
  yield start;
  for (const { name, shape, pieces } of sorted) {
    let written = 0;
    for await (const values of pieces()) {
      written += values.length;
      const { buffer, byteOffset, byteLength } = converted(name, values, dtype);
      yield new Uint8Array(buffer, byteOffset, byteLength);
    }
    invariant(written === lengthOf(shape), `"${name}" has ${written} numbers for (${shape})`);
  }
}

/** What numbers can be written as; in memory they are single precision. */
export type WrittenDtype = "F32" | "F16" | "BF16";

/** @throws UserError for a number that half precision cannot hold */
function converted(name: string, values: Float32Array, dtype: WrittenDtype) {
  if (dtype === "F32") return values;
  if (dtype === "BF16") return bfloat16(values);
  const halves = new Float16Array(values);
  const at = halves.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new UserError(
      `"${name}" holds ${values[at]}; half precision ends at 65504`,
      "write bfloat16",
    );
  }
  return halves;
}

/** The upper halves of single-precision numbers, rounded to the nearest, ties to even. */
function bfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  return Uint16Array.from(bits, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16);
}

function lengthOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
