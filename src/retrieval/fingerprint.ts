/** What files and passages hold, told by one number: 64 bits of xxHash, each piece hashed on top of those before it. */

import { open } from "node:fs/promises";
import { unreadable } from "../core/text-file.ts";
import type { Passage } from "./retriever.ts";

/** Part of what a fingerprint is: another size gives others. */
const PIECE_BYTES = 1 << 22;

/**
 * Of a file's bytes, compressed ones as they are; piece by piece, whatever its size.
 * @throws UserError when it cannot be read
 */
export async function fileFingerprint(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const piece = new Uint8Array(PIECE_BYTES);
    let hash = 0n;
    for (let size = -1; size !== 0; ) {
      size = 0;
      for (let read = -1; read !== 0 && size < PIECE_BYTES; size += read) {
        read = (await file.read(piece, size, PIECE_BYTES - size)).bytesRead;
      }
      if (size > 0) hash = Bun.hash.xxHash64(piece.subarray(0, size), hash);
    }
    return inHex(hash);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Of passages in their order. */
export function passagesFingerprint(passages: Iterable<Passage>): string {
  let hash = 0n;
  for (const { id, contents } of passages) {
    hash = Bun.hash.xxHash64(JSON.stringify([id, contents]), hash);
  }
  return inHex(hash);
}

function inHex(hash: bigint): string {
  return hash.toString(16).padStart(16, "0");
}
