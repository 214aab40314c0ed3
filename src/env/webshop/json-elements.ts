/**
 * The elements of one JSON array or object in a file, one at a time, also of a `.gz` file: the official
 * catalogue is longer than the longest string.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { UserError } from "../../core/errors.ts";
import { unreadable } from "../../core/text-file.ts";
import { gunzipPieces } from "./gunzip-pieces.ts";
import { parseOrdered } from "./ordered-json.ts";

export interface JsonElement {
  /** The name that an object has it under; empty in an array. */
  readonly key: string;
  readonly value: unknown;
  /** File and element, to begin an error with; elements count from 1. */
  readonly where: string;
}

const CHUNK_BYTES = 1 << 20;
const BRACKETS = { array: [0x5b, 0x5d], object: [0x7b, 0x7d] } as const;
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];

/**
 * @param noun what an element is called in messages
 * @throws UserError for a file that cannot be read, or naming the element that is not JSON or cut off
 */
export function* readElements(
  path: string,
  shape: keyof typeof BRACKETS,
  noun: string,
): Generator<JsonElement> {
  const [open, close] = BRACKETS[shape];
  let [depth, count] = [0, 0];
  let [isText, isEscaped, isWhole] = [false, false, false];
  const pieces: Uint8Array[] = [];
  const where = () => `${path}: ${noun} ${count + 1}`;
  for (const chunk of chunksOf(path)) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]!;
      if (isText) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isText = false;
      } else if (depth === 0) {
        if (isSpace(byte)) continue;
        if (isWhole) throw new UserError(`${path}: something follows the end of the ${shape}`);
        if (byte !== open) {
          throw new UserError(`${path}: not a JSON ${shape} of ${noun}s`);
        }
        depth = 1;
        start = i + 1;
      } else if (byte === QUOTE) isText = true;
      else if (byte === 0x5b || byte === 0x7b) depth++;
      else if (byte === 0x5d || byte === 0x7d) {
        depth--;
        if (depth > 0) continue;
        pieces.push(chunk.slice(start, i));
        const text = decode(pieces, where());
        if (byte !== close)
          throw new UserError(`${where()}: not JSON: closed by the wrong bracket`);
        if (text.trim() !== "" || count > 0) yield element(text, shape, where());
        isWhole = true;
      } else if (byte === COMMA && depth === 1) {
        pieces.push(chunk.slice(start, i));
        yield element(decode(pieces, where()), shape, where());
        pieces.length = 0;
        start = i + 1;
        count++;
      }
    }
    if (depth > 0) pieces.push(chunk.slice(start));
  }
  if (!isWhole) {
    const inside = depth === 0 ? "it is empty" : `it ends in the middle of ${noun} ${count + 1}`;
    throw new UserError(`${path}: not whole: ${inside}`, "is this a download that broke off?");
  }
}

function* chunksOf(path: string): Generator<Uint8Array> {
  if (!path.endsWith(".gz")) {
    yield* piecesOf(path);
    return;
  }
  const unpacked = gunzipPieces(piecesOf(path));
  for (;;) {
    // What the reader of the pieces throws is none of this.
    const next = nextUnpacked(unpacked, path);
    if (next.done) return;
    yield next.value;
  }
}

function nextUnpacked(unpacked: Generator<Uint8Array>, path: string): IteratorResult<Uint8Array> {
  try {
    return unpacked.next();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${path}: not a whole gzip file: ${(error as Error).message}`,
      "unpacked files are read, too",
    );
  }
}

/** The bytes of a file, each piece good until the next is asked for. */
function* piecesOf(path: string): Generator<Uint8Array> {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (let size = readSync(file, buffer); size > 0; size = readSync(file, buffer)) {
      yield buffer.subarray(0, size);
    }
  } catch (error) {
    throw (error as { syscall?: unknown }).syscall === undefined ? error : unreadable(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function decode(pieces: readonly Uint8Array[], where: string): string {
  const bytes = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UserError(`${where}: not UTF-8 text`);
  }
}

function element(text: string, shape: keyof typeof BRACKETS, where: string): JsonElement {
  try {
    if (shape === "array") return { key: "", value: parseOrdered(text), where };
    const [entry] = Object.entries(parseOrdered(`{${text}}`) as Record<string, unknown>);
    if (entry === undefined) throw new Error("nothing between two commas");
    return { key: entry[0], value: entry[1], where: `${where} (${entry[0]})` };
  } catch (error) {
    const asin = /"asin":\s*"([^"]*)"/.exec(text)?.[1];
    const named = asin === undefined ? where : `${where} (${asin})`;
    const reason = (error as Error).message.replace(/^JSON Parse error: /, "");
    throw new UserError(`${named}: not JSON: ${reason}`);
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
