import { politely } from "./polite-polling.ts";
import { type Tensor, type TypedArray, typed } from "./tensor.ts";

/** The one place that waits for the device. Staging buffers are kept: one per power of two. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #polite: boolean;
  readonly #staging = new Map<number, GPUBuffer[]>();

  constructor(device: GPUDevice, polite: boolean) {
    this.#device = device;
    this.#polite = polite;
  }

  wait<T>(work: Promise<T>): Promise<T> {
    return this.#polite ? politely(work) : work;
  }

  async read(tensors: readonly Tensor[]): Promise<TypedArray[]> {
    const bytes = tensors.reduce((sum, tensor) => sum + tensor.length * 4, 0);
    const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, 256)));
    const staging = this.#take(size);
    const encoder = this.#device.createCommandEncoder();
    let at = 0;
    for (const { buffer, offset, length } of tensors) {
      encoder.copyBufferToBuffer(buffer, offset, staging, at, length * 4);
      at += length * 4;
    }
    this.#device.queue.submit([encoder.finish()]);
    await this.wait(staging.mapAsync(GPUMapMode.READ, 0, size));
    const copy = staging.getMappedRange(0, size).slice(0, bytes);
    staging.unmap();
    this.#staging.get(size)?.push(staging);
    let start = 0;
    return tensors.map(({ type, length }) => {
      const part = copy.slice(start, start + length * 4);
      start += length * 4;
      return typed(type, part);
    });
  }

  close(): void {
    for (const buffers of this.#staging.values()) for (const buffer of buffers) buffer.destroy();
    this.#staging.clear();
  }

  #take(size: number): GPUBuffer {
    const free = this.#staging.get(size) ?? [];
    this.#staging.set(size, free);
    return (
      free.pop() ??
      this.#device.createBuffer({
        label: "readback",
        size,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      })
    );
  }
}
