import { dlopen, FFIType } from "bun:ffi";
import { closeSync, openSync } from "node:fs";

/** flock(2): exclusive, and an answer at once. */
const EXCLUSIVE = 2;
const AT_ONCE = 4;

/**
 * A lock on a file, which is made if need be; the system takes it back when the process ends, however it ends.
 * @returns undefined when another process holds it
 */
export function lockFile(path: string): Disposable | undefined {
  const { symbols } = dlopen(process.platform === "darwin" ? "libSystem.dylib" : "libc.so.6", {
    flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  });
  const file = openSync(path, "a");
  if (symbols.flock(file, EXCLUSIVE | AT_ONCE) !== 0) {
    closeSync(file);
    return undefined;
  }
  return { [Symbol.dispose]: () => closeSync(file) };
}
