// What the measurements of worlds share: time, medians, memory.

/** Time since it was made: by the wall, and of this process's CPU. */
export class Stopwatch {
  readonly #wall = performance.now();
  readonly #cpu = process.cpuUsage();

  read(): { readonly wallMs: number; readonly cpuMs: number } {
    const { user, system } = process.cpuUsage(this.#cpu);
    return { wallMs: performance.now() - this.#wall, cpuMs: (user + system) / 1000 };
  }
}

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
}

/** Of this process, after what nobody holds is gone. */
export function residentMegabytes(): number {
  Bun.gc(true);
  return process.memoryUsage().rss / 1e6;
}
