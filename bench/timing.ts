import { Bench } from "tinybench";
import type { Gpu } from "../src/gpu/device.ts";
import type { Work } from "./benchmark.ts";

/** Timed runs behind a median, and runs before them that let a GPU's clock settle. */
const RUNS = { software: 5, gpu: 20 };
const WARMUP_RUNS = { software: 0, gpu: 5 };

/** Median time of `work`, in milliseconds. */
export async function medianMs(gpu: Gpu, work: Work): Promise<number> {
  const kind = gpu.adapter.software ? "software" : "gpu";
  const bench = new Bench({
    iterations: RUNS[kind],
    time: 0,
    warmup: WARMUP_RUNS[kind] > 0,
    warmupIterations: WARMUP_RUNS[kind],
    warmupTime: 0,
    throws: true,
  });
  const once = async () => ({ overriddenDuration: await elapsedMs(gpu, work) });
  bench.add("work", once, { async: true });
  await bench.run();
  const { result } = bench.tasks[0]!;
  if (result.state !== "completed") throw new Error(`internal error: timing ${result.state}`);
  return result.latency.p50;
}

async function elapsedMs(gpu: Gpu, work: Work): Promise<number> {
  if ("run" in work) return await work.run();
  const { record, kernel = "" } = work;
  const timings = await gpu.time(record);
  return timings
    .filter((timing) => timing.kernel.startsWith(kernel))
    .reduce((sum, timing) => sum + timing.elapsedMs, 0);
}
