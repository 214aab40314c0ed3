import { UserError } from "../../src/core/errors.ts";
import { type Gpu, openGpu } from "../../src/gpu/device.ts";
import type { BufferSpec, Kernel, ParamSpec } from "../../src/gpu/kernel.ts";
import type { DataType, Tensor, TypedArray } from "../../src/gpu/tensor.ts";

/**
 * The forms of a kernel that a test runs: the one this adapter takes, and the one for wide GPUs, which
 * any adapter can compute at small sizes.
 */
export const FORMS = ["own form", "gpu form"] as const;
export type TestForm = (typeof FORMS)[number];

const devices = new Map<string, Promise<Gpu>>();

/** One device per process and form, behind EMPG_TEST_DEVICE or what `--device auto` takes. */
export function testGpu(form: TestForm = "own form"): Promise<Gpu> {
  return shared(process.env.EMPG_TEST_DEVICE ?? "auto", form === "gpu form" ? "gpu" : undefined);
}

/** Mesa's software adapter, which computes in half precision; undefined where it is not installed. */
export async function lavapipe(): Promise<Gpu | undefined> {
  try {
    return await shared("llvmpipe", undefined);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error("no lavapipe on this machine (Mesa 25 or newer): half precision is not run here");
    return undefined;
  }
}

/** A device that compiles the given form of every kernel, and runs none. */
export function nullGpu(form: "gpu" | "software"): Promise<Gpu> {
  return shared("null", form);
}

function shared(choice: string, form: "gpu" | "software" | undefined): Promise<Gpu> {
  const key = `${choice} ${form ?? "own"}`;
  let device = devices.get(key);
  if (!device) {
    device = open(choice, form);
    devices.set(key, device);
  }
  return device;
}

async function open(choice: string, form: "gpu" | "software" | undefined): Promise<Gpu> {
  const gpu = await openGpu(choice, form);
  const { description } = gpu.adapter.adapter.info;
  const name =
    gpu.adapter.backend === "null" ? "null backend: compiles, runs nothing" : description;
  console.error(`device: ${name}; kernels in their ${gpu.narrow ? "software" : "gpu"} form`);
  return gpu;
}

/** An output of a kernel run: how many numbers, and of which type. */
export interface Output {
  readonly length: number;
  readonly type?: DataType;
}

/**
 * Runs one kernel on arrays. Inputs are uploaded in their own type; a name that is also an output starts
 * with its input's values. Outputs are allocated exactly as long as they are, so writing past the end shows.
 */
export async function runKernel<
  B extends BufferSpec,
  P extends ParamSpec,
  O extends { readonly [K in keyof B]?: Output },
>(
  gpu: Gpu,
  kernel: Kernel<B, P>,
  inputs: { readonly [K in keyof B]?: TypedArray },
  outputs: O,
  params: { readonly [K in keyof P]: number },
): Promise<{ [K in keyof O]: TypedArray }> {
  using scope = gpu.scope();
  const names = Object.keys(kernel.buffers) as (keyof B & string)[];
  const tensors = names.map((name) => {
    const values = inputs[name];
    const length = Math.max(outputs[name]?.length ?? values?.length ?? 0, 1);
    const tensor = scope[outputs[name]?.type ?? typeOf(values)](name, [length]);
    if (values) gpu.write(tensor, values);
    return [name, tensor] as const;
  });
  const buffers = Object.fromEntries(tensors) as { [K in keyof B]: Tensor };
  gpu.submit((pass) => pass.run(kernel, buffers, params));
  const wanted = Object.keys(outputs) as (keyof O & string)[];
  const found = await gpu.readAll(wanted.map((name) => buffers[name]!));
  return Object.fromEntries(wanted.map((name, i) => [name, found[i]!])) as {
    [K in keyof O]: TypedArray;
  };
}

function typeOf(values: TypedArray | undefined): DataType {
  if (values instanceof Uint32Array) return "u32";
  return values instanceof Int32Array ? "i32" : "f32";
}
