/** A tar archive is a row of 512-byte blocks: a header, then the file it describes, padded to a whole block. */
const BLOCK = 512;

/** Where the fields of a POSIX header lie: offset and length in bytes. */
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  owner: [108, 8],
  group: [116, 8],
  size: [124, 12],
  modified: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
} as const;

export interface TarFile {
  readonly name: string;
  readonly contents: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

/** The regular files of an archive by name; names of up to 100 bytes. */
export function readTar(archive: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    const text = ([offset, length]: readonly [number, number]) =>
      Buffer.from(header.subarray(offset, offset + length))
        .toString()
        .replace(/\0.*$/s, "");
    const size = Number.parseInt(text(FIELD.size), 8) || 0;
    const start = at + BLOCK;
    if (start + size > archive.length) throw new Error("the tar archive is truncated");
    const regular = text(FIELD.type) === "0" || text(FIELD.type) === "";
    if (regular && text(FIELD.name)) {
      files.set(text(FIELD.name).replace(/^\.\//, ""), archive.subarray(start, start + size));
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
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
