/** The texts of an index's documents by their number, in a file; memory-store.ts keeps them in memory. */

import { closeSync, openSync, readFileSync, readSync, renameSync, rmSync } from "node:fs";
import { UserError } from "../core/errors.ts";
import { unreadable } from "../core/text-file.ts";
import type { Passage } from "./retriever.ts";

export interface PassageStore {
  readonly count: number;
  /** @param document from 0 to count − 1 */
  read(document: number): Passage;
}

/** Passages as JSON Lines, and where each line begins as float64 (N + 1), in a file beside it. */
export class FileStore implements PassageStore {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #starts: Float64Array;

  /** @throws UserError when the files cannot be read or are not of one piece */
  constructor(path: string) {
    this.#path = path;
    try {
      const bytes = readFileSync(startsPath(path));
      this.#starts = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
      this.#descriptor = openSync(path, "r");
    } catch (error) {
      if (error instanceof RangeError) throw this.#damaged();
      throw unreadable(path, error);
    }
  }

  get count(): number {
    return this.#starts.length - 1;
  }

  read(document: number): Passage {
    const from = this.#starts[document]!;
    const bytes = Buffer.alloc(this.#starts[document + 1]! - from);
    if (readSync(this.#descriptor, bytes, 0, bytes.length, from) !== bytes.length) {
      throw this.#damaged();
    }
    try {
      return JSON.parse(bytes.toString()) as Passage;
    } catch {
      throw this.#damaged();
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #damaged(): UserError {
    return new UserError(`${this.#path}: is damaged or cut short`, "build the index again");
  }
}

function startsPath(path: string): string {
  return `${path}.starts`;
}

const BUFFER_BYTES = 1 << 20;

/** Writes what `FileStore` reads, passage by passage; the files have their names only once they are whole. */
export class StoreWriter {
  readonly #path: string;
  readonly #sink: Bun.FileSink;
  #starts = new Float64Array(1 << 12);
  #count = 0;
  #size = 0;

  constructor(path: string) {
    this.#path = path;
    this.#sink = Bun.file(`${path}.partial`).writer({ highWaterMark: BUFFER_BYTES });
  }

  add({ id, contents }: Passage): void {
    const line = Buffer.from(`${JSON.stringify({ id, contents })}\n`);
    this.#sink.write(line);
    this.#count++;
    this.#size += line.length;
    if (this.#count >= this.#starts.length) {
      const longer = new Float64Array(2 * this.#starts.length);
      longer.set(this.#starts);
      this.#starts = longer;
    }
    this.#starts[this.#count] = this.#size;
  }

  /** Waits until the disk has kept up. */
  async flush(): Promise<void> {
    await this.#sink.flush();
  }

  async finish(): Promise<void> {
    await this.#sink.end();
    await Bun.write(startsPath(this.#path), this.#starts.subarray(0, this.#count + 1));
    renameSync(`${this.#path}.partial`, this.#path);
  }

  async abandon(): Promise<void> {
    await this.#sink.end();
    rmSync(`${this.#path}.partial`, { force: true });
  }
}
