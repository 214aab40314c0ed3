/**
 * Dawn's Node addon waits by re-queuing `setImmediate` and looking for finished work each time. On a
 * software adapter that spinning takes a core away from the threads that compute. While something is
 * awaited, every turn of the loop pauses a little, first briefly, then up to half a millisecond.
 */

const SPIN_MS = 0.2;
const SHORTEST_PAUSE_MS = 0.05;
const LONGEST_PAUSE_MS = 0.5;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Awaits `work` without fighting the device's own threads for the processor. */
export async function politely<T>(work: Promise<T>): Promise<T> {
  const eager = globalThis.setImmediate;
  const start = performance.now();
  let pauseMs = SHORTEST_PAUSE_MS;
  const patient = ((callback: (...args: unknown[]) => void, ...args: unknown[]) =>
    eager(() => {
      if (performance.now() - start > SPIN_MS) {
        Atomics.wait(sleeper, 0, 0, pauseMs);
        pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS);
      }
      callback(...args);
    })) as typeof setImmediate;
  globalThis.setImmediate = patient;
  try {
    return await work;
  } finally {
    if (globalThis.setImmediate === patient) globalThis.setImmediate = eager;
  }
}
