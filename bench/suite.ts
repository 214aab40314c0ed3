import type { Gpu } from "../src/gpu/device.ts";
import type { Benchmark } from "./benchmark.ts";
import type { Roofline } from "./roofline.ts";
import { medianMs } from "./timing.ts";

/** A timed benchmark, as `empg bench --json` prints it. */
export interface Row {
  readonly name: string;
  readonly shape: string;
  /** Median of the runs. */
  readonly ms: number;
  readonly bytes: number;
  readonly flops: number;
  readonly gb_per_s: number;
  readonly tflops: number;
  /** The least time the roofline allows, over the time it took. */
  readonly share: number;
  /** Only of the model's own operations. */
  readonly tokens_per_s?: number;
}

/** A benchmark whose results were wrong, and which was therefore not timed. */
export interface Failure {
  readonly name: string;
  readonly shape: string;
  readonly problem: string;
}

/** Checks, then times. */
export async function runBenchmark(
  gpu: Gpu,
  benchmark: Benchmark,
  roofline: Roofline,
): Promise<Row | Failure> {
  const { name, shape, bytes, flops } = benchmark;
  using scope = gpu.scope();
  const { check, work } = await benchmark.prepare(gpu, scope);
  const problem = await check();
  if (problem !== undefined) return { name, shape, problem };
  const ms = await medianMs(gpu, work);
  const least = 1000 * Math.max(bytes / roofline.bytesPerSecond, flops / roofline.flopsPerSecond);
  return {
    name,
    shape,
    ms,
    bytes,
    flops,
    gb_per_s: bytes / ms / 1e6,
    tflops: flops / ms / 1e9,
    share: least / ms,
    ...("tokens" in work ? { tokens_per_s: (1000 * work.tokens) / ms } : {}),
  };
}
