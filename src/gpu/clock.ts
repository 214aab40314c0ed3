import { invariant } from "../core/errors.ts";
import type { PassSource } from "./pass.ts";

/** GPU time of one dispatch. */
export interface Timing {
  readonly kernel: string;
  readonly elapsedMs: number;
}

/** WebGPU's limit on one query set. */
const MAX_QUERIES = 4096;

/** Gives every dispatch a compute pass with a timestamp before and after it. */
export class Stopwatch implements PassSource {
  readonly #device: GPUDevice;
  readonly #encoder: GPUCommandEncoder;
  readonly #queries: GPUQuerySet;
  readonly #kernels: string[] = [];
  #open: GPUComputePassEncoder | undefined;

  constructor(device: GPUDevice, encoder: GPUCommandEncoder) {
    this.#device = device;
    this.#encoder = encoder;
    this.#queries = device.createQuerySet({ type: "timestamp", count: MAX_QUERIES });
  }

  begin(kernelName: string): GPUComputePassEncoder {
    this.end();
    const index = this.#kernels.length * 2;
    invariant(
      index < MAX_QUERIES,
      `more than ${MAX_QUERIES / 2} dispatches in one timed recording`,
    );
    this.#kernels.push(kernelName);
    this.#open = this.#encoder.beginComputePass({
      timestampWrites: {
        querySet: this.#queries,
        beginningOfPassWriteIndex: index,
        endOfPassWriteIndex: index + 1,
      },
    });
    return this.#open;
  }

  end(): void {
    this.#open?.end();
    this.#open = undefined;
  }

  /** Resolves the timestamps into a mappable buffer; call before the encoder is finished. */
  resolve(): { read: () => Promise<Timing[]> } {
    const size = Math.max(this.#kernels.length * 16, 16);
    const resolved = this.#device.createBuffer({
      size,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const staging = this.#device.createBuffer({
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    this.#encoder.resolveQuerySet(this.#queries, 0, this.#kernels.length * 2, resolved, 0);
    this.#encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    const read = async () => {
      await staging.mapAsync(GPUMapMode.READ);
      const ticks = new BigUint64Array(staging.getMappedRange().slice(0));
      for (const buffer of [staging, resolved]) buffer.destroy();
      this.#queries.destroy();
      return this.#kernels.map((kernel, i) => ({
        kernel,
        elapsedMs: Number(ticks[2 * i + 1]! - ticks[2 * i]!) / 1e6,
      }));
    };
    return { read };
  }
}
