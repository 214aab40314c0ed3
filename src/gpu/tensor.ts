import { invariant } from "../core/errors.ts";

export type DataType = "f32" | "f16" | "u32" | "i32";
export type TypedArray = Float32Array | Float16Array | Uint32Array | Int32Array;

/** Size of one element. */
export const ELEMENT_BYTES: Readonly<Record<DataType, number>> = { f32: 4, f16: 2, u32: 4, i32: 4 };

/** Size of a tensor's window. */
export function sizeBytes({ type, length }: Pick<Tensor, "type" | "length">): number {
  return length * ELEMENT_BYTES[type];
}

/** Offsets of storage bindings must be multiples of this many bytes; 256 serves every adapter. */
export const BINDING_ALIGNMENT = 256;

/** A row-major array on the device: a shape, an element type and a window into a buffer. */
export interface Tensor {
  readonly label: string;
  readonly type: DataType;
  readonly shape: readonly number[];
  readonly buffer: GPUBuffer;
  /** Identifies the buffer in caches. */
  readonly bufferId: number;
  /** Start of the window, in bytes. */
  readonly offset: number;
  /** Number of elements. */
  readonly length: number;
}

/** Product of a shape. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * A window of `tensor` from element `start`, with a shape of its own; shares the memory.
 * The start must be bindable: a multiple of 256 bytes.
 */
export function view(
  tensor: Tensor,
  start: number,
  shape: readonly number[],
  label?: string,
): Tensor {
  const length = elements(shape);
  const offset = tensor.offset + start * ELEMENT_BYTES[tensor.type];
  invariant(start + length <= tensor.length, `${tensor.label}: window past the end`);
  invariant(offset % BINDING_ALIGNMENT === 0, `${tensor.label}: window at byte ${offset}`);
  return { ...tensor, label: label ?? tensor.label, shape, offset, length };
}

/** Views bytes read back from the device as numbers of `type`. */
export function typed(type: DataType, bytes: ArrayBuffer): TypedArray {
  if (type === "f32") return new Float32Array(bytes);
  if (type === "f16") return new Float16Array(bytes);
  return type === "u32" ? new Uint32Array(bytes) : new Int32Array(bytes);
}
