import type { Scope } from "./memory.ts";
import { bufferBytes } from "./memory.ts";
import { type DataType, elements, sizeBytes, type Tensor } from "./tensor.ts";

/** A scope that gives out tensors without memory and adds up what they would take: for plans. */
export class Tally {
  readonly #bytes = new Map<string, number>();
  readonly #largest: { label: string; bytes: number } = { label: "", bytes: 0 };

  /** Bytes by label. */
  get byLabel(): ReadonlyMap<string, number> {
    return this.#bytes;
  }

  get total(): number {
    return [...this.#bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** The largest tensor: one buffer must hold it. */
  get largest(): { readonly label: string; readonly bytes: number } {
    return this.#largest;
  }

  scope(): Scope {
    const make =
      (type: DataType) =>
      (label: string, shape: readonly number[]): Tensor => {
        const length = elements(shape);
        const bytes = bufferBytes(sizeBytes({ type, length }));
        this.#bytes.set(label, (this.#bytes.get(label) ?? 0) + bytes);
        if (bytes > this.#largest.bytes) Object.assign(this.#largest, { label, bytes });
        const buffer = undefined as unknown as GPUBuffer;
        return { label, type, shape, buffer, bufferId: 0, offset: 0, length };
      };
    return {
      ...{ f32: make("f32"), f16: make("f16"), u32: make("u32"), i32: make("i32") },
      scope: () => this.scope(),
      [Symbol.dispose]() {},
    };
  }
}
