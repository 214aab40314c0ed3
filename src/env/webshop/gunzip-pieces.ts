/** Unpacks gzip piece by piece and at once, not later: a catalogue's text is longer than memory should be. */
import { constants, createGunzip } from "node:zlib";

const PIECE_BYTES = 1 << 20;

/**
 * What node:zlib works with inside. Its functions unpack either everything at one call or asynchronously; this
 * call, on which both are built, takes and gives a piece.
 */
interface Handle {
  onerror: (message: string) => void;
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputBytes: number,
    output: Uint8Array,
    outputAt: number,
    outputBytes: number,
  ): void;
  close(): void;
}
interface Gunzip {
  readonly _handle: Handle;
  /** After a call: bytes left in the output, bytes left in the input. */
  readonly _writeState: Uint32Array;
}

/**
 * The unpacked bytes; each piece is good until the next is asked for.
 * @throws Error saying what is wrong with them when the bytes are not gzip, or not all of it
 */
export function* gunzipPieces(packed: Iterable<Uint8Array>): Generator<Uint8Array> {
  const { _handle: handle, _writeState: left } = createGunzip() as unknown as Gunzip;
  const output = new Uint8Array(PIECE_BYTES);
  let problem: string | undefined;
  handle.onerror = (message) => {
    problem = message;
  };
  function* unpack(input: Uint8Array, flush: number): Generator<Uint8Array> {
    let at = 0;
    do {
      handle.writeSync(flush, input, at, input.length - at, output, 0, output.length);
      if (problem !== undefined) throw new Error(problem);
      at = input.length - left[1]!;
      if (left[0]! < output.length) yield output.subarray(0, output.length - left[0]!);
    } while (left[0] === 0);
  }
  try {
    for (const input of packed) yield* unpack(input, constants.Z_NO_FLUSH);
    yield* unpack(new Uint8Array(0), constants.Z_FINISH);
  } finally {
    handle.close();
  }
}
