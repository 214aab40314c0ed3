/** Writes tar archives; src/core/tar.ts reads them and says how they are laid out. */
import { TAR_BLOCK as BLOCK, TAR_FIELD as FIELD } from "../core/tar.ts";

export interface TarFile {
  readonly name: string;
  readonly contents: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

/** An archive of these files that depends on nothing else: no times, no owners. */
export function writeTar(files: readonly TarFile[]): Uint8Array {
  const parts = files.flatMap(({ name, contents, mode }) => {
    const header = Buffer.alloc(BLOCK);
    const put = ([offset, length]: readonly [number, number], value: string) => {
      if (Buffer.byteLength(value) > length) throw new Error(`too long for tar: ${value}`);
      header.write(value, offset, "utf8");
    };
    const octal = (value: number, length: number) => value.toString(8).padStart(length - 1, "0");
    put(FIELD.name, name);
    put(FIELD.mode, octal(mode, 8));
    put(FIELD.owner, octal(0, 8));
    put(FIELD.group, octal(0, 8));
    put(FIELD.size, octal(contents.length, 12));
    put(FIELD.modified, octal(0, 12));
    put(FIELD.type, "0");
    put(FIELD.magic, "ustar\x0000");
    // The checksum counts its own field as spaces.
    put(FIELD.checksum, " ".repeat(8));
    const sum = header.reduce((total, byte) => total + byte, 0);
    put(FIELD.checksum, `${octal(sum, 7)}\0 `);
    return [header, contents, new Uint8Array(-contents.length & (BLOCK - 1))];
  });
  return Buffer.concat([...parts, new Uint8Array(2 * BLOCK)]);
}
