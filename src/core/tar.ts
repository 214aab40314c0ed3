/** A tar archive is a row of 512-byte blocks: a header, then the file it describes, padded to a whole block. */

/** Size of a block in bytes. */
export const TAR_BLOCK = 512;

/** Where the fields of a POSIX header lie: offset and length in bytes. */
export const TAR_FIELD = {
  name: [0, 100],
  mode: [100, 8],
  owner: [108, 8],
  group: [116, 8],
  size: [124, 12],
  modified: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

/**
 * The regular files of an archive by name. Long names are understood in the three forms in use: POSIX
 * prefix, GNU's extra entry, pax records.
 * @throws Error where the archive ends inside a file
 */
export function readTar(archive: Uint8Array): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  let longName: string | undefined;
  for (let at = 0; at + TAR_BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + TAR_BLOCK);
    const text = ([offset, length]: readonly [number, number]) =>
      textOf(header.subarray(offset, offset + length));
    const size = Number.parseInt(text(TAR_FIELD.size), 8) || 0;
    const start = at + TAR_BLOCK;
    if (start + size > archive.length) throw new Error("the tar archive is truncated");
    const contents = archive.subarray(start, start + size);
    const type = text(TAR_FIELD.type);
    at = start + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
    if (type === "L") longName = textOf(contents);
    else if (type === "x") longName = paxPath(contents) ?? longName;
    else {
      // GNU's own format keeps other things where POSIX has the prefix, and says "ustar  ".
      const prefix = text(TAR_FIELD.magic) === "ustar" ? text(TAR_FIELD.prefix) : "";
      const short = text(TAR_FIELD.name);
      const name = longName ?? (prefix === "" ? short : `${prefix}/${short}`);
      if ((type === "0" || type === "") && name) files.set(name.replace(/^\.\//, ""), contents);
      longName = undefined;
    }
  }
  return files;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString().replace(/\0.*$/s, "");
}

/** The `path` of pax records, which are lines of the form "{length} {key}={value}". */
function paxPath(records: Uint8Array): string | undefined {
  return /^\d+ path=(.*)$/m.exec(Buffer.from(records).toString())?.[1];
}
