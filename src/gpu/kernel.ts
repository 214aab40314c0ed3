import { invariant } from "../core/errors.ts";

/** How a kernel uses a buffer. WGSL knows `read` and `read_write`; `write` tells the reader that old contents are lost. */
export type Access = "read" | "write" | "read_write";
export type ScalarType = "u32" | "i32" | "f32";
export type BufferSpec = Readonly<Record<string, Access>>;
export type ParamSpec = Readonly<Record<string, ScalarType>>;
export type ParamValues<P extends ParamSpec> = { readonly [K in keyof P]: number };

/** One way to compute a kernel: WGSL and how many workgroups cover given parameters (x, y, z). */
export interface Form<P extends ParamSpec> {
  readonly source: string;
  /** WGSL functions the source asks for; appended, so that the kernel's own line numbers stay. */
  readonly lib?: readonly string[];
  readonly workgroups: (params: ParamValues<P>) => readonly number[];
  /** Values of the WGSL's `override` constants; `"subgroup"` is the device's subgroup size. */
  readonly constants?: Readonly<Record<string, number | "subgroup">>;
}

/** A compute shader, declared once; binding index = position in `buffers`, parameters travel as immediates. */
export interface Kernel<B extends BufferSpec = BufferSpec, P extends ParamSpec = ParamSpec> {
  readonly name: string;
  readonly buffers: B;
  readonly params: P;
  /** For wide subgroups and many cores. */
  readonly gpu: Form<P> | Form<ParamSpec>;
  /** For a 4- to 8-wide software adapter; absent where the GPU form serves both well. */
  readonly software?: Form<P> | Form<ParamSpec>;
}

/** WebGPU's guaranteed room for immediates, in bytes. */
const IMMEDIATE_BYTES = 64;

/** Declares a kernel; its WGSL is compiled when a device first needs it. */
export function defineKernel<const B extends BufferSpec, const P extends ParamSpec>(
  kernel: Kernel<B, P>,
): Kernel<B, P> {
  const size = Object.keys(kernel.params).length * 4;
  invariant(size <= IMMEDIATE_BYTES, `${kernel.name}: ${size} bytes of parameters, 64 at most`);
  return kernel;
}

/** The form a device runs: narrow adapters have 4 to 8 lanes and pay dearly for barriers. */
export function chooseForm<B extends BufferSpec, P extends ParamSpec>(
  kernel: Kernel<B, P>,
  narrow: boolean,
): Form<P> {
  return (narrow && kernel.software ? kernel.software : kernel.gpu) as Form<P>;
}

/** WGSL's guaranteed number of workgroups along one axis. */
const MAX_GROUPS = 65_535;

/** Folds a long first axis into the second; kernels read `group.x + group.y * groups.x` and skip what is past the end. */
export function foldGroups(counts: readonly number[]): [number, number, number] {
  const [x = 1, y = 1, z = 1] = counts;
  if (x <= MAX_GROUPS) return [x, y, z];
  invariant(y === 1, `${x} × ${y} workgroups: only one-dimensional dispatches can be folded`);
  const rows = Math.ceil(x / MAX_GROUPS);
  return [Math.ceil(x / rows), rows, z];
}

/** Writes parameters in declared order, 4 bytes each. */
export function packParams<P extends ParamSpec>(
  spec: P,
  values: ParamValues<P>,
  into: DataView,
): void {
  let offset = 0;
  for (const name in spec) {
    const value = values[name];
    if (spec[name] === "f32") into.setFloat32(offset, value, true);
    else if (spec[name] === "i32") into.setInt32(offset, value, true);
    else into.setUint32(offset, value, true);
    offset += 4;
  }
}
