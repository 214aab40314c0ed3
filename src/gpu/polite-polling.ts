/**
 * Dawn's Node addon waits by re-queuing `setImmediate` and looking for finished work each time. On a
 * software adapter that spinning takes a core away from the threads that compute. While something is
 * awaited, every turn of the loop pauses a little, first briefly, then up to half a millisecond.
 */

const SPIN_MS = 0.2;
const SHORTEST_PAUSE_MS = 0.05;
const LONGEST_PAUSE_MS = 0.5;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

let waiting = 0;
let waitingSince = 0;
let eager: typeof setImmediate | undefined;

/** Awaits `work` without fighting the device's own threads for the processor; many may wait at once. */
export async function politely<T>(work: Promise<T>): Promise<T> {
  waitingSince = performance.now();
  if (waiting++ === 0) {
    eager = globalThis.setImmediate;
    globalThis.setImmediate = patient as typeof setImmediate;
  }
  try {
    return await work;
  } finally {
    if (--waiting === 0 && eager) globalThis.setImmediate = eager;
  }
}

/** Stands for `setImmediate` while something is awaited: the longer it takes, the longer the pauses. */
function patient(callback: (...args: unknown[]) => void, ...args: unknown[]): NodeJS.Immediate {
  return eager!(() => {
    const elapsedMs = performance.now() - waitingSince;
    if (elapsedMs > SPIN_MS) {
      const pauseMs = Math.min(Math.max(elapsedMs / 8, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS);
      Atomics.wait(sleeper, 0, 0, pauseMs);
    }
    callback(...args);
  });
}
