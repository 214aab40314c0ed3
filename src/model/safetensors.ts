/**
 * safetensors files: 8 bytes of header length (little-endian), a JSON header, the numbers of all
 * tensors without a gap. What a header says is checked before it is believed; as in the original
 * (huggingface/safetensors, `tensor.rs`), every byte of the file belongs to exactly one tensor.
 */

import { UserError } from "../core/errors.ts";
import { isObject } from "../core/is-object.ts";
import { type ByteSource, fileSource, memorySource } from "./byte-source.ts";
import { repeatedKey } from "./repeated-key.ts";

const ELEMENT_BYTES = { F32: 4, F16: 2, BF16: 2 } as const;
type Dtype = keyof typeof ELEMENT_BYTES;

/** One tensor as the header describes it; [start, end) counts from the first byte after the header. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** The original refuses longer headers too. */
const LONGEST_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;

/** An open safetensors file; numbers are read when they are asked for. */
export class Safetensors implements Disposable {
  readonly file: string;
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly #source: ByteSource;
  readonly #dataStart: number;

  /** @throws UserError naming file and tensor where the header is not to be believed */
  constructor(source: ByteSource, file: string) {
    this.file = file;
    this.#source = source;
    const length = headerLength(source, file);
    this.#dataStart = LENGTH_BYTES + length;
    const header = parseHeader(source.read(LENGTH_BYTES, this.#dataStart), file);
    this.tensors = readEntries(header, source.sizeBytes - this.#dataStart, file);
  }

  /** Numbers [from, to) of a tensor, row by row, in single precision; all of them when nothing else is said. */
  read(name: string, from = 0, to?: number): Float32Array<ArrayBuffer> {
    const entry = this.tensors.get(name);
    if (entry === undefined) throw new UserError(`${this.file}: no tensor "${name}"`);
    const { start, end, dtype } = entry;
    const size = ELEMENT_BYTES[dtype];
    const first = this.#dataStart + start;
    const last = to === undefined ? this.#dataStart + end : first + to * size;
    const { buffer } = this.#source.read(first + from * size, last);
    if (dtype === "F32") return new Float32Array(buffer);
    if (dtype === "F16") return new Float32Array(new Float16Array(buffer));
    // bfloat16 is the upper half of a float32.
    return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
  }

  [Symbol.dispose](): void {
    this.#source[Symbol.dispose]();
  }
}

/** Opens a file; the caller disposes of what it gets. */
export function openSafetensors(path: string): Safetensors {
  const source = fileSource(path);
  try {
    return new Safetensors(source, path);
  } catch (error) {
    source[Symbol.dispose]();
    throw error;
  }
}

/** @param file what messages call these bytes */
export function parseSafetensors(bytes: Uint8Array, file: string): Safetensors {
  return new Safetensors(memorySource(bytes), file);
}

const CUT_OFF = "the file is cut off or no safetensors file; download it again";

function headerLength({ sizeBytes, read }: ByteSource, file: string): number {
  if (sizeBytes < LENGTH_BYTES) {
    throw new UserError(`${file}: ${sizeBytes} bytes, too few for a header`, CUT_OFF);
  }
  const length = new DataView(read(0, LENGTH_BYTES).buffer).getBigUint64(0, true);
  const room = sizeBytes - LENGTH_BYTES;
  if (length > room) {
    throw new UserError(`${file}: a header of ${length} bytes, the file has ${room}`, CUT_OFF);
  }
  if (length > LONGEST_HEADER_BYTES) {
    const allowed = `at most ${LONGEST_HEADER_BYTES} are allowed`;
    throw new UserError(`${file}: a header of ${length} bytes; ${allowed}`);
  }
  return Number(length);
}

function parseHeader(bytes: Uint8Array, file: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UserError(`${file}: the header is not UTF-8 text`, CUT_OFF);
  }
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file}: the header is not JSON: ${(error as Error).message}`, CUT_OFF);
  }
  if (!isObject(header)) throw new UserError(`${file}: the header is no JSON object`);
  const repeated = repeatedKey(text);
  if (repeated !== undefined) {
    throw new UserError(`${file}: "${repeated}" stands twice in one object of the header`);
  }
  return header;
}

function readEntries(
  header: Readonly<Record<string, unknown>>,
  sizeBytes: number,
  file: string,
): ReadonlyMap<string, TensorEntry> {
  const { __metadata__: metadata = {}, ...described } = header;
  if (!isObject(metadata) || Object.values(metadata).some((value) => typeof value !== "string")) {
    throw new UserError(`${file}: __metadata__ is no object of strings`);
  }
  const entries = Object.entries(described).map(([name, value]) => readEntry(name, value, file));
  // Empty tensors share their place with a neighbour; they come before it.
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  let next = 0;
  for (const { name, start, end } of entries) {
    if (start !== next) {
      const fault = start < next ? "overlaps the tensor before it" : "leaves a gap before it";
      throw new UserError(`${file}: "${name}" ${fault}: begins at ${start}, expected ${next}`);
    }
    if (end > sizeBytes) {
      const problem = `"${name}" ends at byte ${end} of the data, there are ${sizeBytes}`;
      throw new UserError(`${file}: ${problem}`, CUT_OFF);
    }
    next = end;
  }
  if (next !== sizeBytes) {
    throw new UserError(`${file}: ${sizeBytes - next} bytes after the last tensor belong to none`);
  }
  return new Map(entries.map((entry) => [entry.name, entry]));
}

function readEntry(name: string, value: unknown, file: string): TensorEntry {
  const fail = (problem: string): never => {
    throw new UserError(`${file}: "${name}": ${problem}`);
  };
  const { dtype, shape, data_offsets: offsets } = isObject(value) ? value : {};
  if (!isDtype(dtype)) {
    const found = typeof dtype === "string" ? `dtype ${JSON.stringify(dtype)}` : "no dtype";
    return fail(`${found}; supported are F32, F16 and BF16`);
  }
  if (!isCounts(shape)) return fail("shape is no list of whole numbers");
  if (!isCounts(offsets) || offsets.length !== 2) return fail("data_offsets are no [start, end]");
  const [start, end] = offsets as [number, number];
  const bytes = shape.reduce((product, size) => product * size, ELEMENT_BYTES[dtype]);
  if (!Number.isSafeInteger(bytes)) return fail(`shape (${shape.join(", ")}) is too large`);
  if (end - start !== bytes) {
    const said = `data_offsets [${start}, ${end}] hold ${end - start}`;
    return fail(`shape (${shape.join(", ")}) in ${dtype} takes ${bytes} bytes, ${said}`);
  }
  return { name, dtype, shape, start, end };
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === "string" && Object.hasOwn(ELEMENT_BYTES, value);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
