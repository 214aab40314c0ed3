import { UserError } from "../core/errors.ts";
import { formatBytes } from "../core/format.ts";
import { BINDING_ALIGNMENT, type DataType, elements, sizeBytes, type Tensor } from "./tensor.ts";

/** Allocates tensors that live until the scope is disposed. */
export interface Scope {
  f32(label: string, shape: readonly number[]): Tensor;
  f16(label: string, shape: readonly number[]): Tensor;
  u32(label: string, shape: readonly number[]): Tensor;
  i32(label: string, shape: readonly number[]): Tensor;
  /** A scope whose tensors also end with this one. */
  scope(): Scope;
  [Symbol.dispose](): void;
}

/** Where some drivers begin to miscount: NVIDIA's at 2 GiB (crbug.com/435684920). */
const LARGEST_BINDING = 2 ** 31 - 4;

/** The largest tensor, in bytes, that a device of these limits can bind. */
export function largestBindable(limits: GPUSupportedLimits): number {
  const { maxBufferSize, maxStorageBufferBindingSize } = limits;
  const bindable = Math.min(maxBufferSize, maxStorageBufferBindingSize, LARGEST_BINDING);
  return Math.floor(bindable / BINDING_ALIGNMENT) * BINDING_ALIGNMENT;
}

/** What a tensor of so many bytes takes. */
export function bufferBytes(bytes: number): number {
  return Math.max(Math.ceil(bytes / BINDING_ALIGNMENT), 1) * BINDING_ALIGNMENT;
}

/** Every byte on the device has an owner here, and is counted. */
export class Memory {
  readonly #device: GPUDevice;
  readonly #released: (bufferId: number) => void;
  #nextId = 1;
  #bytes = 0;
  #peakBytes = 0;

  constructor(device: GPUDevice, released: (bufferId: number) => void) {
    this.#device = device;
    this.#released = released;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  scope(disposed: (scope: Scope) => void = () => {}): Scope {
    const owned: { id: number; buffer: GPUBuffer }[] = [];
    const children = new Set<Scope>();
    const allocate = (type: DataType, label: string, shape: readonly number[]): Tensor => {
      const tensor = this.#allocate(type, label, shape);
      owned.push({ id: tensor.bufferId, buffer: tensor.buffer });
      return tensor;
    };
    const scope: Scope = {
      f32: (label, shape) => allocate("f32", label, shape),
      f16: (label, shape) => allocate("f16", label, shape),
      u32: (label, shape) => allocate("u32", label, shape),
      i32: (label, shape) => allocate("i32", label, shape),
      scope: () => {
        const child = this.scope((done) => children.delete(done));
        children.add(child);
        return child;
      },
      [Symbol.dispose]: () => {
        for (const child of [...children]) child[Symbol.dispose]();
        for (const { id, buffer } of owned.splice(0)) this.#free(id, buffer);
        disposed(scope);
      },
    };
    return scope;
  }

  #allocate(type: DataType, label: string, shape: readonly number[]): Tensor {
    const length = elements(shape);
    const size = bufferBytes(sizeBytes({ type, length }));
    const allowed = largestBindable(this.#device.limits);
    if (size > allowed) {
      throw new UserError(
        `"${label}" (${shape.join(" × ")}) needs ${formatBytes(size)}; one buffer of this adapter holds ${formatBytes(allowed)}`,
        "choose a smaller model or batch, or an adapter with larger buffers",
      );
    }
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = this.#device.createBuffer({ label, size, usage });
    this.#bytes += size;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
    return { label, type, shape, buffer, bufferId: this.#nextId++, offset: 0, length };
  }

  #free(id: number, buffer: GPUBuffer): void {
    this.#released(id);
    this.#bytes -= buffer.size;
    buffer.destroy();
  }
}
