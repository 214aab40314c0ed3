/** Files that are whole on the disk, or not there, when the power goes. */

import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

/** One call of the system moves no more than 2 GiB; this much at a time costs nothing. */
const PIECE_BYTES = 1 << 26;

/**
 * Writes a file and waits until the disk has it. The caller makes its name durable: syncDirectory.
 * @returns SHA-256 of what was meant to be written, in hex
 */
export async function writeDurably(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<string> {
  const hash = createHash("sha256");
  const file = openSync(path, "w");
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      for (let at = 0; at < chunk.length; ) {
        at += writeSync(file, chunk, at, Math.min(PIECE_BYTES, chunk.length - at));
      }
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

/** Puts text in the place of a file, so that a reader finds the old one or the new one, whole. */
export async function replaceDurably(path: string, text: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeDurably(partial, [Buffer.from(text)]);
    renameSync(partial, path);
  } catch (error) {
    removeIfThere(partial);
    throw error;
  }
  syncDirectory(dirname(path));
}

/** Clears away after a failure, of which it must not become another: below a file nothing can be looked for. */
export function removeIfThere(path: string): void {
  if (existsSync(path)) rmSync(path);
}

/** Waits until the names in a directory are on the disk: what was made, renamed and removed there. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** SHA-256 of a file, in hex; holds one piece of it at a time. */
export function hashFile(path: string): string {
  const hash = createHash("sha256");
  const piece = new Uint8Array(1 << 20);
  const file = openSync(path, "r");
  try {
    for (let count = 1; count > 0; ) {
      count = readSync(file, piece, 0, piece.length, null);
      hash.update(piece.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}
