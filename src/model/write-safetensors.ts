import { invariant } from "../core/errors.ts";

/** A tensor to be written, in single precision. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row by row; as many as the shape says. */
  readonly values: Float32Array;
}

/** Headers end at a multiple of this, so that the numbers are aligned in a mapped file. */
const ALIGNMENT = 8;

/**
 * The bytes of a safetensors file, piece by piece: the header, then every tensor. Tensors go by name,
 * as the `safetensors` library orders them, so equal tensors give equal bytes.
 */
export function* safetensorsChunks(tensors: Iterable<NamedTensor>): Generator<Uint8Array> {
  const sorted = [...tensors].sort((a, b) => (a.name < b.name ? -1 : 1));
  const header: [string, unknown][] = [["__metadata__", { format: "pt" }]];
  const names = new Set<string>(["__metadata__"]);
  let next = 0;
  for (const { name, shape, values } of sorted) {
    const length = shape.reduce((product, size) => product * size, 1);
    invariant(!names.has(name), `two tensors named "${name}"`);
    invariant(length === values.length, `"${name}" has ${values.length} numbers for (${shape})`);
    names.add(name);
    header.push([name, { dtype: "F32", shape, data_offsets: [next, next + values.byteLength] }]);
    next += values.byteLength;
  }
  // Written pair by pair: an object would put names that look like numbers first.
  const pairs = header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const json = Buffer.from(`{${pairs.join(",")}}`);
  const padding = (ALIGNMENT - (json.length % ALIGNMENT)) % ALIGNMENT;
  const start = Buffer.alloc(8 + json.length + padding, " ");
  start.writeBigUInt64LE(BigInt(json.length + padding));
  json.copy(start, 8);
  yield start;
  for (const { values } of sorted) {
    yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
}
