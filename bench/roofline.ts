import type { Gpu } from "../src/gpu/device.ts";
import { defineKernel } from "../src/gpu/kernel.ts";
import type { Scope } from "../src/gpu/memory.ts";
import type { Pass } from "../src/gpu/pass.ts";
import { elementForm } from "../src/gpu/row-kernel.ts";
import { TOLERANCE } from "../test/support/tolerances.ts";
import { compareSampled, type Prepared, uniform } from "./benchmark.ts";
import copySource from "./copy.wgsl" with { type: "text" };
import fmaSource from "./fma.wgsl" with { type: "text" };
import { medianMs } from "./timing.ts";

/** What this adapter reached in this run, with nothing else to do. */
export interface Roofline {
  readonly bytesPerSecond: number;
  readonly flopsPerSecond: number;
}

const copyKernel = defineKernel({
  name: "copy",
  buffers: { source: "read", copied: "write" },
  params: { count: "u32" },
  gpu: elementForm(copySource, ["count"]),
});

const fmaKernel = defineKernel({
  name: "fma",
  buffers: { out: "write" },
  params: { threads: "u32", rounds: "u32", factor: "f32", addend: "f32" },
  gpu: elementForm(fmaSource, ["threads"]),
});

/** Long enough to drown what a dispatch costs, short enough to be measured often. */
const SIZES = {
  software: { copied: 2 ** 22, threads: 2 ** 12, rounds: 1024 },
  gpu: { copied: 2 ** 28, threads: 2 ** 18, rounds: 4096 },
};
/** Each thread of fma.wgsl turns this many. */
const NUMBERS = 12;
const FLOPS_PER_ROUND = NUMBERS * 2;

/** Measures both limits. @throws Error when a kernel computes something else, since then no share means anything */
export async function measureRoofline(gpu: Gpu): Promise<Roofline> {
  using scope = gpu.scope();
  const { copied, threads, rounds } = SIZES[gpu.adapter.software ? "software" : "gpu"];
  const copyMs = await checkedMs(gpu, copy(gpu, scope, copied / 4));
  const fmaMs = await checkedMs(gpu, fma(gpu, scope, threads, rounds));
  return {
    bytesPerSecond: (1000 * 2 * copied) / copyMs,
    flopsPerSecond: (1000 * threads * rounds * FLOPS_PER_ROUND) / fmaMs,
  };
}

async function checkedMs(gpu: Gpu, { check, work }: Prepared): Promise<number> {
  const problem = await check();
  if (problem !== undefined) throw new Error(`the roofline kernels are wrong: ${problem}`);
  return await medianMs(gpu, work);
}

function copy(gpu: Gpu, scope: Scope, length: number): Prepared {
  const source = uniform(gpu, scope, "source", [length]);
  const copied = scope.f32("copied", [length]);
  const record = (pass: Pass) =>
    pass.run(copyKernel, { source: source.tensor, copied }, { count: length / 4 });
  const expected = { of: copied, at: (i: number) => source.values[i]!, tolerance: 0 };
  return { check: () => compareSampled(gpu, record, [expected]), work: { record } };
}

function fma(gpu: Gpu, scope: Scope, threads: number, rounds: number): Prepared {
  const out = scope.f32("sums", [threads]);
  // Both are exact in f32, and the numbers settle at addend / (1 − factor), one half.
  const factor = 0.96875;
  const addend = 0.015625;
  const record = (pass: Pass) => pass.run(fmaKernel, { out }, { threads, rounds, factor, addend });
  const fixed = addend / (1 - factor);
  const at = (t: number) => {
    const starts = NUMBERS * t + (NUMBERS * (NUMBERS - 1)) / 2;
    return NUMBERS * fixed + (starts - NUMBERS * fixed) * factor ** rounds;
  };
  const expected = { of: out, at, tolerance: TOLERANCE.kernel };
  return { check: () => compareSampled(gpu, record, [expected]), work: { record } };
}
