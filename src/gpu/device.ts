import { type ChosenAdapter, chooseAdapter } from "./adapter.ts";
import { Stopwatch, type Timing } from "./clock.ts";
import { largestBindable, Memory, type Scope } from "./memory.ts";
import { kernelCollector, type Pass, plainPasses, recorder } from "./pass.ts";
import { Pipelines } from "./pipelines.ts";
import { Readback } from "./readback.ts";
import { ELEMENT_BYTES, type Tensor, type TypedArray } from "./tensor.ts";

/** The device stopped answering: driver reset, unplugged, out of memory. A run can go on from its last checkpoint. */
export class DeviceLostError extends Error {
  override readonly name = "DeviceLostError";
}

/** Features that some kernel uses when they are there. */
const WANTED: readonly string[] = [
  "timestamp-query",
  "subgroups",
  "subgroup-size-control",
  "shader-f16",
  "chromium-experimental-subgroup-matrix",
];

/** What of a device decides how much it can hold. */
export interface DeviceCapacity {
  /** Weights may be kept in half precision here. */
  readonly half: boolean;
  /** The largest tensor that can be bound. */
  readonly largestBytes: number;
  /** It computes on the host's processor, in the host's memory. */
  readonly software: boolean;
}

/** What an adapter's device will hold, without opening one. */
export function capacityOf({ adapter, software }: ChosenAdapter): DeviceCapacity {
  const { features, limits } = adapter;
  return { half: features.has("shader-f16"), largestBytes: largestBindable(limits), software };
}

/** One open device: memory, recording, reading back. */
export class Gpu {
  readonly adapter: ChosenAdapter;
  readonly device: GPUDevice;
  /** 4 to 8 lanes, computed on the CPU: kernels take their software form. */
  readonly narrow: boolean;
  readonly memory: Memory;
  readonly #pipelines: Pipelines;
  readonly #readback: Readback;
  readonly #root: Scope;
  #failure: Error | undefined;
  #encodeMs = 0;

  constructor(adapter: ChosenAdapter, device: GPUDevice, narrow = adapter.software) {
    this.adapter = adapter;
    this.device = device;
    this.narrow = narrow;
    this.#pipelines = new Pipelines(device, this.narrow);
    this.memory = new Memory(device, (id) => this.#pipelines.forget(id));
    this.#readback = new Readback(device, adapter.software);
    this.#root = this.memory.scope();
    device.addEventListener("uncapturederror", (event) => {
      this.#failure ??= new Error(`WebGPU: ${(event as GPUUncapturedErrorEvent).error.message}`);
    });
    device.lost.then((info) => {
      if (info.reason !== "destroyed") {
        this.#failure = new DeviceLostError(`the device was lost: ${info.message}`);
      }
    });
  }

  /** Milliseconds this process spent recording and submitting, so far. */
  get encodeMs(): number {
    return this.#encodeMs;
  }

  /** Bind groups made so far: whoever repeats the same work makes no more of them. */
  get bindGroupsMade(): number {
    return this.#pipelines.bindGroupsMade;
  }

  get capacity(): DeviceCapacity {
    return capacityOf(this.adapter);
  }

  /** Tensors made in the scope are freed with it. */
  scope(): Scope {
    return this.#root.scope();
  }

  /** Compiles in parallel the kernels that `record` would dispatch; runs nothing. */
  async warm(record: (pass: Pass) => void): Promise<void> {
    const { pass, kernels } = kernelCollector();
    record(pass);
    await this.#pipelines.warm([...kernels]);
  }

  /** Records dispatches and queues them; returns without waiting. */
  submit(record: (pass: Pass) => void): void {
    const start = performance.now();
    const encoder = this.device.createCommandEncoder();
    const passes = plainPasses(encoder);
    record(recorder(encoder, passes, this.#pipelines));
    passes.end();
    this.device.queue.submit([encoder.finish()]);
    this.#encodeMs += performance.now() - start;
  }

  /** As `submit`, with the GPU's own time for each dispatch. Slower: for benchmarks and profiles. */
  async time(record: (pass: Pass) => void): Promise<Timing[]> {
    const encoder = this.device.createCommandEncoder();
    const stopwatch = new Stopwatch(this.device, encoder);
    record(recorder(encoder, stopwatch, this.#pipelines));
    stopwatch.end();
    const timings = stopwatch.resolve();
    this.device.queue.submit([encoder.finish()]);
    const result = await this.#readback.wait(timings.read());
    this.#check();
    return result;
  }

  /** Uploads values, from element `at` of the tensor on. Both ends must lie on whole words. */
  write(tensor: Tensor, values: TypedArray, at = 0): void {
    const { buffer, byteOffset, byteLength } = values;
    this.device.queue.writeBuffer(
      tensor.buffer,
      tensor.offset + at * ELEMENT_BYTES[tensor.type],
      buffer as ArrayBuffer,
      byteOffset,
      byteLength,
    );
  }

  /** Waits for the queue and copies tensors back, all in one round trip. */
  async readAll(tensors: readonly Tensor[]): Promise<TypedArray[]> {
    try {
      const result = await this.#readback.read(tensors);
      this.#check();
      return result;
    } catch (error) {
      // A map that fails because the device is gone says so less clearly than the device itself.
      throw this.#failure ?? error;
    }
  }

  async read(tensor: Tensor): Promise<TypedArray> {
    return (await this.readAll([tensor]))[0]!;
  }

  /** Elements [start, end) of a tensor. */
  async readRange(tensor: Tensor, start: number, end: number): Promise<TypedArray> {
    const offset = tensor.offset + start * ELEMENT_BYTES[tensor.type];
    return this.read({ ...tensor, offset, length: end - start });
  }

  /** Sends off what was uploaded and waits for it, so that the host's copies can go. */
  async flush(): Promise<void> {
    this.device.queue.submit([]);
    await this.idle();
  }

  /** Waits until everything queued is done. */
  async idle(): Promise<void> {
    await this.#readback.wait(this.device.queue.onSubmittedWorkDone());
    this.#check();
  }

  close(): void {
    this.#root[Symbol.dispose]();
    this.#readback.close();
    this.device.destroy();
  }

  #check(): void {
    if (this.#failure) throw this.#failure;
  }
}

/**
 * Opens the device behind `--device`, with every useful feature and the adapter's own limits.
 * @param form which form of the kernels it runs, whatever the adapter suggests: for tests
 * @throws UserError when there is no such adapter
 */
export async function openGpu(choice = "auto", form?: "gpu" | "software"): Promise<Gpu> {
  const chosen = await chooseAdapter(choice);
  const { adapter } = chosen;
  const requiredLimits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const value = adapter.limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") requiredLimits[name] = value;
  }
  const device = await adapter.requestDevice({
    requiredFeatures: WANTED.filter((name) => adapter.features.has(name)) as GPUFeatureName[],
    requiredLimits,
  });
  return new Gpu(chosen, device, form ? form === "software" : chosen.software);
}
