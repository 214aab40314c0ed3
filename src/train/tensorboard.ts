import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Scalars as TensorBoard reads them: a file of records, each a length, its checksum, a protocol buffer
 * (`Event`: wall time, step, summary values) and its checksum.
 */
export class TensorBoard {
  readonly #file: string;

  /** Begins the file anew: a resumed run writes the rows again that it keeps. */
  constructor(runDirectory: string) {
    const directory = join(runDirectory, "tensorboard");
    mkdirSync(directory, { recursive: true });
    this.#file = join(directory, "events.out.tfevents.empg");
    writeFileSync(this.#file, "");
    // The first event of a file names its version.
    this.#append([...double(1, Date.now() / 1000), ...bytes(3, utf8("brain.Event:2"))]);
  }

  /** Writes the finite numbers of a row under their own names. */
  scalars(step: number, row: Readonly<Record<string, number>>): void {
    const values = Object.entries(row).filter(([, value]) => Number.isFinite(value));
    const summary = values.flatMap(([tag, value]) =>
      bytes(1, [...bytes(1, utf8(tag)), ...float(2, value)]),
    );
    const event = [...double(1, Date.now() / 1000), ...varintField(2, step), ...bytes(5, summary)];
    this.#append(event);
  }

  #append(event: readonly number[]): void {
    const data = Uint8Array.from(event);
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
    const record = Buffer.concat([length, checksum(length), data, checksum(data)]);
    appendFileSync(this.#file, record);
  }
}

function utf8(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

function varint(value: number): number[] {
  const result: number[] = [];
  let rest = value;
  while (rest > 127) {
    result.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...result, rest];
}

function varintField(field: number, value: number): number[] {
  return [field * 8, ...varint(value)];
}

function bytes(field: number, data: readonly number[]): number[] {
  return [field * 8 + 2, ...varint(data.length), ...data];
}

function double(field: number, value: number): number[] {
  return [field * 8 + 1, ...new Uint8Array(new Float64Array([value]).buffer)];
}

function float(field: number, value: number): number[] {
  return [field * 8 + 5, ...new Uint8Array(new Float32Array([value]).buffer)];
}

/** CRC-32C, rotated and shifted as TFRecord asks, little-endian. */
function checksum(data: Uint8Array): Uint8Array {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  const value = ~crc >>> 0;
  const masked = (((value >>> 15) | (value << 17)) + 0xa282ead8) >>> 0;
  const result = new Uint8Array(4);
  new DataView(result.buffer).setUint32(0, masked, true);
  return result;
}
