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

/** A model's tensors as a file holds them. */
export function fileTensors(config: ModelConfig, source: TensorSource): NamedTensor[] {
  return parameterPlans(config).flatMap(({ parts, shape }) =>
    parts.map(({ name, rows }) => {
      const partShape = [rows, ...shape.slice(1)];
      const length = partShape.reduce((product, size) => product * size, 1);
      return {
        name,
        shape: partShape,
        *pieces() {
          for (const [start, end] of piecesOf(length)) yield source.read(name, start, end);
        },
      };
    }),
  );
}

/** The same of tensors in host memory. */
export function hostTensors(config: ModelConfig, tensors: HostTensors): NamedTensor[] {
  return fileTensors(config, hostSource(tensors));
}

/** Numbers that are moved at once: few enough for any machine, many enough to be quick. */
export const PIECE_ELEMENTS = 1 << 22;

/** [start, end) of the pieces that `length` numbers are moved in, whole rows of `rowLength` each. */
export function* piecesOf(length: number, rowLength = 1): Generator<readonly [number, number]> {
  const size = Math.max(Math.floor(PIECE_ELEMENTS / rowLength), 1) * rowLength;
  for (let start = 0; start < length; start += size) yield [start, Math.min(start + size, length)];
}
