/** JSON Lines: one JSON value a line, read as a stream and written line by line. */

import { createReadStream, createWriteStream } from "node:fs";
import { UserError } from "./errors.ts";
import { unreadable } from "./text-file.ts";

export interface JsonLine {
  readonly value: unknown;
  /** `file:line`, to begin an error with; lines count from 1. */
  readonly where: string;
}

/**
 * The values of a file in order, blank lines skipped; `-` is standard input. Holds one line at a
 * time, however large the file.
 *
 * @throws UserError naming file and line where a line is not JSON or not UTF-8
 */
export async function* readJsonLines(path: string): AsyncGenerator<JsonLine> {
  const name = path === "-" ? "standard input" : path;
  let line = 0;
  for await (const bytes of splitLines(path)) {
    line++;
    const where = `${name}:${line}`;
    const text = decode(bytes, where).trim();
    if (text !== "") yield { value: parse(text, where), where };
  }
}

const NEWLINE = 0x0a;

async function* splitLines(path: string): AsyncGenerator<Uint8Array> {
  const stream = path === "-" ? Bun.stdin.stream() : createReadStream(path);
  let pending: Uint8Array[] = [];
  try {
    for await (const chunk of stream) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        yield Buffer.concat([...pending, chunk.subarray(start, end)]);
        pending = [];
        start = end + 1;
      }
      if (start < chunk.length) pending.push(chunk.slice(start));
    }
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(path, error);
  }
  if (pending.length > 0) yield Buffer.concat(pending);
}

/** A byte order mark at the start is dropped by the decoder. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array, where: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new UserError(`${where}: not UTF-8 text`, "is the file compressed, or cut off?");
  }
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^JSON Parse error: /, "") : "";
    const nonFinite = /[:[,]\s*-?(NaN|Infinity)\b/.test(text);
    const hint = nonFinite
      ? "NaN and Infinity are not JSON; every number must be finite"
      : undefined;
    throw new UserError(`${where}: not a JSON value: ${reason}`, hint);
  }
}

/**
 * One record as a line, newline included. A NaN or infinity would become null without a word, so
 * it is refused; who means null writes null.
 */
export function jsonLine(record: unknown): string {
  return `${JSON.stringify(record, finite)}\n`;
}

function finite(key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new Error(`internal error: ${value} in "${key}" has no form in JSON`);
  }
  return value;
}

/** Writes records as they come; replaces the file. */
export async function writeJsonLines(
  path: string,
  records: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<void> {
  const stream = createWriteStream(path);
  const closed = Promise.withResolvers<void>();
  stream.on("error", (error) => closed.reject(unreadable(path, error, "write")));
  stream.on("close", () => closed.resolve());
  // An early failure is awaited below; until then it must not count as unhandled.
  closed.promise.catch(() => {});
  try {
    for await (const record of records) {
      if (stream.destroyed) break;
      if (!stream.write(jsonLine(record))) await Promise.race([drained(stream), closed.promise]);
    }
  } finally {
    stream.end();
  }
  await closed.promise;
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => stream.once("drain", () => resolve()));
}
