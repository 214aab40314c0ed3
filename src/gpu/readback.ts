import { politely } from "./polite-polling.ts";
import { sizeBytes, type Tensor, type TypedArray, typed } from "./tensor.ts";

/** Copies go in whole words: an odd number of halves takes one more. */
function copied(tensor: Tensor): number {
  return Math.ceil(sizeBytes(tensor) / 4) * 4;
}

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
    const bytes = tensors.reduce((sum, tensor) => sum + copied(tensor), 0);
    const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, 256)));
    const staging = this.#take(size);
    const encoder = this.#device.createCommandEncoder();
    let at = 0;
    for (const tensor of tensors) {
      encoder.copyBufferToBuffer(tensor.buffer, tensor.offset, staging, at, copied(tensor));
      at += copied(tensor);
    }
    this.#device.queue.submit([encoder.finish()]);
    await this.wait(staging.mapAsync(GPUMapMode.READ, 0, size));
    const copy = staging.getMappedRange(0, size).slice(0, bytes);
    staging.unmap();
    this.#staging.get(size)?.push(staging);
    let start = 0;
    return tensors.map((tensor) => {
      const part = copy.slice(start, start + sizeBytes(tensor));
      start += copied(tensor);
      return typed(tensor.type, part);
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
