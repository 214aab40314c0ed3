import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { UserError } from "../core/errors.ts";
import { unreadable } from "../core/text-file.ts";

/** Bytes that are read a range at a time: a file too large to hold, or memory. */
export interface ByteSource extends Disposable {
  readonly sizeBytes: number;
  /** A copy of [start, end), which the caller may keep and change. */
  read(start: number, end: number): Uint8Array<ArrayBuffer>;
}

export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: (start, end) => new Uint8Array(bytes.subarray(start, end)),
    [Symbol.dispose]() {},
  };
}

/** @throws UserError when it cannot be opened, or ends early while it is read */
export function fileSource(path: string): ByteSource {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof UserError ? error : unreadable(path, error);
    }
  };
  // Before it is opened: a pipe would wait for a writer.
  if (!attempt(() => statSync(path)).isFile()) {
    throw new UserError(`${path}: cannot read: it is no ordinary file`);
  }
  const file = attempt(() => openSync(path, "r"));
  const status = fstatSync(file);
  return {
    sizeBytes: status.size,
    read: (start, end) => attempt(() => readRange(file, path, start, end)),
    [Symbol.dispose]: () => closeSync(file),
  };
}

/** One call of the system moves no more than 2 GiB. */
const PIECE_BYTES = 1 << 30;

function readRange(file: number, path: string, start: number, end: number) {
  const bytes = new Uint8Array(end - start);
  for (let at = 0; at < bytes.length; ) {
    const length = Math.min(PIECE_BYTES, bytes.length - at);
    const count = readSync(file, bytes, at, length, start + at);
    if (count === 0) throw new UserError(`${path}: ended at byte ${start + at} while it was read`);
    at += count;
  }
  return bytes;
}
