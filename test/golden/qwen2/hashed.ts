/** The numbers of hashed.py, bit for bit: what each stands for is told there. */

/** Word `index` of a stream, given the hash of the stream's name. */
function wordAt(start: number, index: number): number {
  let x = (start + Math.imul(index, 0x9e3779b9)) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

function startOf(stream: string): number {
  return new TextEncoder()
    .encode(stream)
    .reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
}

export function words(stream: string, count: number): Uint32Array {
  const start = startOf(stream);
  return Uint32Array.from({ length: count }, (_, i) => wordAt(start, i));
}

function centred(stream: string, count: number): Float64Array {
  return Float64Array.from(words(stream, count), (word) => (2 * (word >>> 8)) / 2 ** 24 - 1);
}

export function integers(stream: string, count: number, below: number): number[] {
  return Array.from(words(stream, count), (word) => word % below);
}

/** A parameter; `moved`: how far a second model stands from the first. */
export function weights(
  seed: string,
  name: string,
  count: number,
  moved: number,
): Float32Array<ArrayBuffer> {
  const c = centred(`${seed}/${name}`, count);
  const further = centred(`${seed}/moved/${name}`, count);
  const [centre, spread] = rangeOf(name);
  return Float32Array.from(c, (value, i) => centre + spread * value + moved * further[i]!);
}

/** A parameter's numbers lie within centre ± spread. */
function rangeOf(name: string): [centre: number, spread: number] {
  if (name.endsWith("norm.weight")) return [1, 0.3];
  if (name.endsWith("bias")) return [0, 0.3];
  return name.endsWith("lora_B.weight") ? [0, 0.05] : [0, 0.35];
}
