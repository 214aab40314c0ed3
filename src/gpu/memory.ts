import { UserError } from "../core/errors.ts";
import { formatBytes } from "../core/format.ts";
import { BINDING_ALIGNMENT, type DataType, elements, type Tensor } from "./tensor.ts";

/** Allocates tensors that live until the scope is disposed. */
export interface Scope {
  f32(label: string, shape: readonly number[]): Tensor;
  u32(label: string, shape: readonly number[]): Tensor;
  i32(label: string, shape: readonly number[]): Tensor;
  /** A scope whose tensors also end with this one. */
  scope(): Scope;
  [Symbol.dispose](): void;
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
    const size = Math.max(Math.ceil((length * 4) / BINDING_ALIGNMENT), 1) * BINDING_ALIGNMENT;
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    const allowed = Math.min(maxBufferSize, maxStorageBufferBindingSize);
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
