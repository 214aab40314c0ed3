import { invariant } from "../core/errors.ts";
import type { NamedTensor } from "./tensor-source.ts";

/** Headers end at a multiple of this, so that the numbers are aligned in a mapped file. */
const ALIGNMENT = 8;

/**
 * The bytes of a safetensors file, piece by piece: the header, then every tensor. Tensors go by name,
 * as the `safetensors` library orders them, so equal tensors give equal bytes.
 */
export async function* safetensorsChunks(
  tensors: Iterable<NamedTensor>,
): AsyncGenerator<Uint8Array> {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const header: [string, unknown][] = [["__metadata__", { format: "pt" }]];
  const names = new Set<string>(["__metadata__"]);
  let next = 0;
  for (const { name, shape } of sorted) {
    invariant(!names.has(name), `two tensors named "${name}"`);
    names.add(name);
    const end = next + 4 * lengthOf(shape);
    header.push([name, { dtype: "F32", shape, data_offsets: [next, end] }]);
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
      yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    }
    invariant(written === lengthOf(shape), `"${name}" has ${written} numbers for (${shape})`);
  }
}

function lengthOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
