import { invariant } from "../core/errors.ts";
import {
  type BufferSpec,
  foldGroups,
  type Kernel,
  type ParamSpec,
  type ParamValues,
  packParams,
} from "./kernel.ts";
import type { Pipelines } from "./pipelines.ts";
import { ELEMENT_BYTES, sizeBytes, type Tensor } from "./tensor.ts";

/** What records dispatches: each sees the writes of those before it. */
export interface Pass {
  run<B extends BufferSpec, P extends ParamSpec>(
    kernel: Kernel<B, P>,
    buffers: { readonly [K in keyof B]: Tensor },
    params: ParamValues<P>,
  ): void;
  /** Copies elements between tensors, by the copy engine; defaults to the whole source. */
  copy(from: Tensor, to: Tensor, options?: { from?: number; to?: number; length?: number }): void;
  /** Sets every element to zero. */
  zero(tensor: Tensor): void;
}

/** Begins compute passes when asked; the profiler gives each dispatch one of its own, with timestamps. */
export interface PassSource {
  begin(kernelName: string): GPUComputePassEncoder;
  /** Ends the compute pass that is open, if one is. */
  end(): void;
}

/** Records into one command encoder. */
export function recorder(
  encoder: GPUCommandEncoder,
  source: PassSource,
  pipelines: Pipelines,
): Pass {
  return {
    run(kernel, buffers, params) {
      const compiled = pipelines.get(kernel as unknown as Kernel);
      const groups = foldGroups(compiled.groups(params));
      if (groups[0] * groups[1] * groups[2] === 0) return;
      const tensors = Object.keys(kernel.buffers).map((name) => {
        const tensor = buffers[name];
        invariant(tensor, `${kernel.name}: no tensor for "${name}"`);
        return tensor;
      });
      const pass = source.begin(kernel.name);
      pass.setPipeline(compiled.pipeline);
      pass.setBindGroup(0, pipelines.bindGroup(compiled, tensors));
      if (compiled.params.byteLength > 0) {
        packParams(kernel.params, params, compiled.params);
        pass.setImmediates(0, compiled.immediates);
      }
      pass.dispatchWorkgroups(...groups);
    },
    copy(from, to, options = {}) {
      const { from: start = 0, to: target = 0, length = from.length } = options;
      source.end();
      const bytes = ELEMENT_BYTES[from.type];
      const [readAt, writeAt] = [from.offset + start * bytes, to.offset + target * bytes];
      encoder.copyBufferToBuffer(from.buffer, readAt, to.buffer, writeAt, length * bytes);
    },
    zero(tensor) {
      source.end();
      encoder.clearBuffer(tensor.buffer, tensor.offset, Math.ceil(sizeBytes(tensor) / 4) * 4);
    },
  };
}

/** A pass that runs nothing and gathers the kernels that a recording asks for. */
export function kernelCollector(): { pass: Pass; kernels: ReadonlySet<Kernel> } {
  const kernels = new Set<Kernel>();
  const pass: Pass = {
    run: (kernel) => void kernels.add(kernel as unknown as Kernel),
    copy() {},
    zero() {},
  };
  return { pass, kernels };
}

/** One compute pass for all dispatches in a row. */
export function plainPasses(encoder: GPUCommandEncoder): PassSource {
  let open: GPUComputePassEncoder | undefined;
  return {
    begin: () => (open ??= encoder.beginComputePass()),
    end() {
      open?.end();
      open = undefined;
    },
  };
}
