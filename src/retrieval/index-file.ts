/**
 * A search index in a file that needs no parsing: its arrays are views of the file's bytes.
 *
 *   0   8 bytes   EMPGBM25
 *   8   u32       version of this layout
 *   12  u32       bytes of the header
 *   16  u64       hash of the header
 *   24  header    JSON: options, elements and hash of each array; spaces up to a multiple of 8
 *       arrays    in the order of ARRAYS, each filled up to a multiple of 8; little-endian
 */

import { renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { syncDirectory, writeDurably } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import { unreadable, writeFailure } from "../core/text-file.ts";
import { type IndexArrays, type IndexOptions, SearchIndex } from "./search-index.ts";

const MAGIC = "EMPGBM25";
const VERSION = 1;
const PREAMBLE_BYTES = 24;
/** Hashed piece by piece, so that no call is given gigabytes. */
const PIECE_BYTES = 1 << 26;

const ARRAYS = {
  starts: Uint32Array,
  slots: Uint32Array,
  documentFrequencies: Uint32Array,
  postingStarts: Uint32Array,
  lengths: Uint32Array,
  bytes: Uint8Array,
  postings: Uint8Array,
} as const;
const NAMES = Object.keys(ARRAYS) as (keyof typeof ARRAYS)[];

interface Header {
  readonly options: IndexOptions;
  readonly arrays: Readonly<Record<keyof typeof ARRAYS, { elements: number; hash: string }>>;
}

/**
 * Writes an index to a file, which appears whole or not at all.
 * @throws UserError when the file cannot be written
 */
export async function saveIndex(index: SearchIndex, path: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeDurably(partial, fileChunks(index));
    renameSync(partial, path);
    syncDirectory(dirname(path));
  } catch (error) {
    rmSync(partial, { force: true });
    throw writeFailure(path, error);
  }
}

/**
 * Opens an index that `saveIndex` wrote. The file is mapped: its pages are shared between
 * processes and come into memory when they are needed; replace it, never write into it.
 * @throws UserError naming the file when it is not an index, is cut short or damaged
 */
export function openIndex(path: string): SearchIndex {
  const file = mapFile(path);
  const problem = (what: string) => new UserError(`${path}: ${what}`, "build the index again");
  if (file.length === 0) throw problem("is empty, not a search index");
  if (text(file.subarray(0, MAGIC.length)) !== MAGIC)
    throw problem("is not a search index of empg");
  if (file.length < PREAMBLE_BYTES) throw problem("is cut short");
  const preamble = new DataView(file.buffer, file.byteOffset, PREAMBLE_BYTES);
  const version = preamble.getUint32(8, true);
  if (version !== VERSION) {
    throw problem(`is a search index of version ${version}; this empg reads version ${VERSION}`);
  }
  const arraysFrom = PREAMBLE_BYTES + preamble.getUint32(12, true);
  const json = file.subarray(PREAMBLE_BYTES, arraysFrom);
  if (preamble.getBigUint64(16, true) !== hashOf(json)) throw problem("is damaged at its start");
  const header = JSON.parse(text(json)) as Header;
  const size = NAMES.reduce((sum, name) => sum + paddedBytes(header, name), arraysFrom);
  if (file.length !== size) throw problem(`has ${file.length} bytes instead of ${size}`);
  const arrays = arraysOf(file, arraysFrom, header);
  for (const name of NAMES) {
    const { hash } = header.arrays[name];
    if (hashOf(bytesOf(arrays[name])).toString() !== hash) throw problem(`is damaged (${name})`);
  }
  return new SearchIndex(arrays, header.options);
}

/** The bytes of a file, without reading them; changes to them would stay in this process. */
function mapFile(path: string): Uint8Array<ArrayBuffer> {
  try {
    // A mapping of nothing is refused.
    return statSync(path).size === 0 ? new Uint8Array(0) : Bun.mmap(path, { shared: false });
  } catch (error) {
    throw unreadable(path, error);
  }
}

function arraysOf(file: Uint8Array<ArrayBuffer>, from: number, header: Header): IndexArrays {
  let at = file.byteOffset + from;
  const arrays = NAMES.map((name) => {
    const array = new ARRAYS[name](file.buffer, at, header.arrays[name].elements);
    at += paddedBytes(header, name);
    return [name, array] as const;
  });
  return Object.fromEntries(arrays) as unknown as IndexArrays;
}

function fileChunks({ arrays, options }: SearchIndex): Uint8Array[] {
  const described = NAMES.map((name) => {
    const hash = hashOf(bytesOf(arrays[name])).toString();
    return [name, { elements: arrays[name].length, hash }];
  });
  const json = JSON.stringify({ options, arrays: Object.fromEntries(described) });
  const header = Buffer.from(json.padEnd(padded(json.length)));
  const preamble = Buffer.alloc(PREAMBLE_BYTES);
  preamble.write(MAGIC);
  preamble.writeUInt32LE(VERSION, 8);
  preamble.writeUInt32LE(header.length, 12);
  preamble.writeBigUInt64LE(hashOf(header), 16);
  const body = NAMES.flatMap((name) => {
    const bytes = bytesOf(arrays[name]);
    return [bytes, new Uint8Array(padded(bytes.length) - bytes.length)];
  });
  return [preamble, header, ...body];
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function hashOf(bytes: Uint8Array): bigint {
  let hash = 0n;
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    hash = Bun.hash.xxHash64(bytes.subarray(at, at + PIECE_BYTES), hash);
  }
  return hash;
}

function paddedBytes(header: Header, name: keyof typeof ARRAYS): number {
  return padded(header.arrays[name].elements * ARRAYS[name].BYTES_PER_ELEMENT);
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
