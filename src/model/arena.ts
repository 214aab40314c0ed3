import { invariant, UserError } from "../core/errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Pass } from "../gpu/pass.ts";
import { elements, type Tensor, view } from "../gpu/tensor.ts";
import type { Layout, Part } from "./layout.ts";
import {
  type HostTensors,
  type NamedTensor,
  piecesOf,
  type TensorSource,
} from "./tensor-source.ts";

/** Numbers laid out as a Layout says: weights, gradients, moments. They are zero until written. */
export interface Arena {
  readonly layout: Layout;
  readonly slabs: readonly Tensor[];
}

/** Rows [firstRow, firstRow + rows) of a parameter, as they can be bound. */
export interface RowBlock {
  readonly tensor: Tensor;
  readonly firstRow: number;
  readonly rows: number;
}

/** @param half matrices in half precision; the layout keeps them apart from vectors then */
export function allocateArena(scope: Scope, label: string, layout: Layout, half = false): Arena {
  const slabs = layout.slabs.map(({ length, decayed }, i) => {
    const name = layout.slabs.length === 1 ? label : `${label} ${i}`;
    return half && decayed > 0 ? scope.f16(name, [length]) : scope.f32(name, [length]);
  });
  return { layout, slabs };
}

/** The blocks of a parameter: one, unless it is larger than what the device binds. */
export function blocksOf({ layout, slabs }: Arena, name: string): readonly RowBlock[] {
  const parameter = layout.parameters.get(name);
  invariant(parameter, `no parameter ${name}`);
  const [, ...inner] = parameter.shape;
  return parameter.blocks.map(({ slab, start, firstRow, rows }) => ({
    tensor: view(slabs[slab]!, start, [rows, ...inner], name),
    firstRow,
    rows,
  }));
}

/** A parameter that is bound as one. */
export function parameterOf(arena: Arena, name: string): Tensor {
  const blocks = blocksOf(arena, name);
  invariant(blocks.length === 1, `${name} is cut into ${blocks.length} blocks`);
  return blocks[0]!.tensor;
}

export function zeroArena(pass: Pass, { slabs }: Arena): void {
  for (const slab of slabs) pass.zero(slab);
}

export function copyArena(pass: Pass, from: Arena, to: Arena): void {
  from.slabs.forEach((slab, i) => void pass.copy(slab, to.slabs[i]!));
}

/** A stretch of a file's tensor and where it lies: elements [start, end) of the part, at `at` of a tensor. */
interface Stretch {
  readonly tensor: Tensor;
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/** Where the numbers of a part lie, in order. */
function stretchesOf(arena: Arena, parameter: string, part: Part): Stretch[] {
  const [partRows = 1, ...inner] = part.shape;
  const rowLength = inner.reduce((product, size) => product * size, 1);
  return blocksOf(arena, parameter).flatMap(({ tensor, firstRow, rows }) => {
    const from = Math.max(firstRow, part.firstRow);
    const to = Math.min(firstRow + rows, part.firstRow + partRows);
    if (from >= to) return [];
    const at = (from - firstRow) * rowLength;
    const start = (from - part.firstRow) * rowLength;
    return [{ tensor, at, start, end: start + (to - from) * rowLength }];
  });
}

/** Bytes that are queued for the device before it is waited for: what an upload costs the host beside its pieces. */
const QUEUED_BYTES = 1 << 28;

/** Fills an arena, piece by piece, so that the host never holds more than a few of them. */
export async function upload(gpu: Gpu, arena: Arena, source: TensorSource): Promise<void> {
  let queued = 0;
  for (const { name, parts } of arena.layout.parameters.values()) {
    for (const part of parts) {
      for (const { tensor, at, start, end } of stretchesOf(arena, name, part)) {
        for (const [from, to] of piecesOf(end - start)) {
          const values = source.read(part.name, start + from, start + to);
          const piece = tensor.type === "f16" ? halves(part.name, values, start + from) : values;
          gpu.write(tensor, piece, at + from);
          queued += piece.byteLength;
          if (queued < QUEUED_BYTES) continue;
          await gpu.flush();
          queued = 0;
        }
      }
    }
  }
}

/** @throws UserError naming the tensor and the number that half precision cannot hold */
function halves(name: string, values: Float32Array, start: number): Float16Array {
  const piece = new Float16Array(values);
  for (let i = 0; i < piece.length; i++) {
    if (Number.isFinite(piece[i])) continue;
    const found = `"${name}" holds ${values[i]} at element ${start + i}`;
    const problem = `${found}; half precision ends at 65504`;
    throw new UserError(
      problem,
      "this adapter keeps weights in half precision: use --device software",
    );
  }
  return piece;
}

/** The tensors of an arena as a file holds them, read back piece by piece. @param prefix put before every name */
export function namedTensors(gpu: Gpu, arena: Arena, prefix = ""): NamedTensor[] {
  return [...arena.layout.parameters.values()].flatMap(({ name, parts }) =>
    parts.map((part) => ({
      name: `${prefix}${part.name}`,
      shape: part.shape,
      async *pieces() {
        for (const { tensor, at, start, end } of stretchesOf(arena, name, part)) {
          for (const [from, to] of piecesOf(end - start)) {
            const values = await gpu.readRange(tensor, at + from, at + to);
            yield tensor.type === "f16" ? new Float32Array(values) : (values as Float32Array);
          }
        }
      },
    })),
  );
}

/** All of an arena in host memory: for small ones, as tests and benchmarks have them. */
export async function readTensors(gpu: Gpu, arena: Arena): Promise<HostTensors> {
  const tensors = new Map<string, Float32Array<ArrayBuffer>>();
  for (const { name, shape, pieces } of namedTensors(gpu, arena)) {
    const values = new Float32Array(elements(shape));
    let at = 0;
    for await (const piece of pieces()) {
      values.set(piece, at);
      at += piece.length;
    }
    tensors.set(name, values);
  }
  return tensors;
}
