import { randomFrom, seedFor } from "../src/core/random.ts";
import type { Gpu } from "../src/gpu/device.ts";
import type { Scope } from "../src/gpu/memory.ts";
import type { Pass } from "../src/gpu/pass.ts";
import type { Tensor } from "../src/gpu/tensor.ts";

/** One row of a report: something to compute, and the least that any way of computing it has to do. */
export interface Benchmark {
  readonly name: string;
  readonly shape: string;
  /** Every input read once and every output written once. */
  readonly bytes: number;
  readonly flops: number;
  /** Uploads inputs; what it allocates ends with the scope. */
  prepare(gpu: Gpu, scope: Scope): Prepared | Promise<Prepared>;
}

export interface Prepared {
  /** What is wrong with the results, or nothing. */
  check(): Promise<string | undefined>;
  readonly work: Work;
}

/**
 * Dispatches, timed by the GPU's clock, or a whole operation of the model, which says how many milliseconds it took. Copies inside `record`
 * cost no time, so that a kernel which works in place finds fresh inputs. With `kernel`, only dispatches whose name
 * starts so count.
 */
export type Work =
  | { record(pass: Pass): void; readonly kernel?: string }
  | { run(): Promise<number>; readonly tokens: number };

/** The benchmarks of one file; some sizes are for GPUs only. */
export interface Suite {
  readonly name: string;
  plan(size: "software" | "gpu"): readonly Benchmark[];
}

export interface Numbers {
  readonly tensor: Tensor;
  readonly values: Float32Array;
}

/** Uniform numbers on the device and on the host: zeros would run faster than any real input. */
export function uniform(
  gpu: Gpu,
  scope: Scope,
  label: string,
  shape: readonly number[],
  [low, high]: readonly [number, number] = [-1, 1],
): Numbers {
  const tensor = scope.f32(label, shape);
  const random = randomFrom(seedFor(0, "bench", label));
  const values = Float32Array.from(
    { length: tensor.length },
    () => low + (high - low) * random.uniform(),
  );
  gpu.write(tensor, values);
  return { tensor, values };
}

/** Numbers below `limit`, on the device and on the host. */
export function whole(
  gpu: Gpu,
  scope: Scope,
  label: string,
  length: number,
  at: (index: number) => number,
): { readonly tensor: Tensor; readonly values: Uint32Array } {
  const tensor = scope.u32(label, [length]);
  const values = Uint32Array.from({ length }, (_, i) => at(i));
  gpu.write(tensor, values);
  return { tensor, values };
}

/** An output, and what f64 arithmetic says it holds. */
export interface Expectation {
  readonly of: Tensor;
  at(index: number): number;
  /** |actual − expected| ≤ tolerance · max(1, |expected|) */
  readonly tolerance: number;
}

/** Places of an output that are compared: the first, the last, and as many again at random. */
const SAMPLES = 48;

/** Runs `record` once and compares sampled places of its outputs; the worst is described. */
export async function compareSampled(
  gpu: Gpu,
  record: (pass: Pass) => void,
  expectations: readonly Expectation[],
): Promise<string | undefined> {
  gpu.submit(record);
  const outputs = await gpu.readAll(expectations.map(({ of }) => of));
  for (const [o, { of, at, tolerance }] of expectations.entries()) {
    const random = randomFrom(seedFor(0, "bench", "samples", of.label));
    for (let sample = 0; sample < SAMPLES; sample++) {
      const index =
        sample === 0 ? 0 : sample === 1 ? of.length - 1 : Math.floor(random.uniform() * of.length);
      const expected = at(index);
      const actual = outputs[o]![index]!;
      if (!(Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)))) {
        return `${of.label}[${index}] is ${actual}, expected ${expected}`;
      }
    }
  }
  return undefined;
}

/** Remembers what `compute` gave for a key. */
export function remember<Value>(compute: (key: number) => Value): (key: number) => Value {
  const known = new Map<number, Value>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = compute(key);
      known.set(key, value);
    }
    return value;
  };
}
