/** Lines of a file of any size, compressed or not; one line is held at a time. */

import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { UserError } from "../core/errors.ts";
import { unreadable } from "../core/text-file.ts";

export interface Line {
  readonly text: string;
  /** `file:line`, to begin an error with; lines count from 1. */
  readonly where: string;
}

const NEWLINE = 0x0a;
/** A longer line is no passage and no question. */
const LONGEST_LINE_BYTES = 1 << 28;

/** @param name decides: `.gz` and `.zst` are decompressed */
function openStream(path: string): AsyncIterable<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  if (path.endsWith(".gz")) return pipeline(file, createGunzip(), () => {});
  if (path.endsWith(".zst")) return pipeline(file, createZstdDecompress(), () => {});
  return file;
}

/**
 * The lines in order, blank ones skipped, without their ends; NUL and bytes that are not UTF-8 become U+FFFD.
 * @throws UserError for a file that cannot be read
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  let pending: Uint8Array[] = [];
  let size = 0;
  let line = 0;
  const finish = (last: Uint8Array): Line | undefined => {
    line++;
    const bytes = pending.length === 0 ? last : Buffer.concat([...pending, last]);
    pending = [];
    size = 0;
    const text = decoder.decode(bytes).replaceAll("\0", "\ufffd").replace(/\r$/, "");
    return text.trim() === "" ? undefined : { text, where: `${path}:${line}` };
  };
  try {
    for await (const chunk of openStream(path)) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        const done = finish(chunk.subarray(start, end));
        start = end + 1;
        if (done) yield done;
      }
      if (start < chunk.length) pending.push(chunk.slice(start));
      size += chunk.length - start;
      if (size > LONGEST_LINE_BYTES) {
        throw new UserError(`${path}:${line + 1}: a line of more than ${LONGEST_LINE_BYTES} bytes`);
      }
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw isCut(error)
      ? new UserError(`${path}: is cut off or not compressed as it says`)
      : unreadable(path, error);
  }
  const last = pending.length > 0 ? finish(new Uint8Array(0)) : undefined;
  if (last) yield last;
}

function isCut(error: unknown): boolean {
  return /^(Z_|ERR_ZLIB|ZSTD)/.test(String((error as { code?: unknown }).code));
}
