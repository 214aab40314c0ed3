/** Where a model's numbers come from and go to: files, host memory, the device. Names are those of Hugging Face files. */

import type { ModelConfig } from "./config.ts";
import { parameterPlans } from "./layout.ts";

/** The numbers of named tensors, a stretch at a time, in single precision. */
export interface TensorSource {
  /** Numbers [start, end) of a tensor, row by row. */
  read(name: string, start: number, end: number): Float32Array<ArrayBuffer>;
}

/** A tensor to be written: its numbers come in pieces, in order. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  pieces(): Iterable<Float32Array> | AsyncIterable<Float32Array>;
}

/** Tensors that lie in host memory. */
export type HostTensors = ReadonlyMap<string, Float32Array<ArrayBuffer>>;

export function hostSource(tensors: HostTensors): TensorSource {
  return { read: (name, start, end) => tensors.get(name)!.slice(start, end) };
}

/** Tensors in host memory, as a file holds them. */
export function hostTensors(config: ModelConfig, tensors: HostTensors): NamedTensor[] {
  return parameterPlans(config).flatMap(({ parts, shape }) =>
    parts.map(({ name, rows }) => ({
      name,
      shape: [rows, ...shape.slice(1)],
      pieces: () => [tensors.get(name)!],
    })),
  );
}

/** Numbers that are moved at once: few enough for any machine, many enough to be quick. */
export const PIECE_ELEMENTS = 1 << 22;

/** [start, end) of the pieces that `length` numbers are moved in. */
export function* piecesOf(length: number): Generator<readonly [number, number]> {
  for (let start = 0; start < length; start += PIECE_ELEMENTS) {
    yield [start, Math.min(start + PIECE_ELEMENTS, length)];
  }
}
