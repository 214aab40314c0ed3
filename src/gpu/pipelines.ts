import { type BufferSpec, chooseForm, type Kernel, type ParamSpec } from "./kernel.ts";
import { sizeBytes, type Tensor } from "./tensor.ts";

/** A kernel compiled for one device. */
export interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly groups: (params: Record<string, number>) => readonly number[];
  readonly params: DataView;
  /** The bytes of `params`, as Dawn takes them. */
  readonly immediates: Uint32Array<ArrayBuffer>;
  readonly bindGroups: Map<string, GPUBindGroup>;
}

/** Compiles kernels once per device and remembers bind groups, which cost more than a dispatch to make. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #narrow: boolean;
  readonly #subgroupSize: number;
  readonly #compiled = new Map<Kernel<BufferSpec, ParamSpec>, Compiled>();
  /** Bind groups made so far: a steady state makes none. */
  bindGroupsMade = 0;

  constructor(device: GPUDevice, narrow: boolean) {
    this.#device = device;
    this.#narrow = narrow;
    // A workgroup of the smallest size lies in one subgroup, whichever size the driver picks for a shader.
    this.#subgroupSize = device.adapterInfo.subgroupMinSize ?? 32;
  }

  /** Compiles many kernels in parallel; later use finds them ready. Rejects with the compiler's words on the first bad one. */
  async warm(kernels: readonly Kernel<BufferSpec, ParamSpec>[]): Promise<void> {
    const missing = kernels.filter((kernel) => !this.#compiled.has(kernel));
    await Promise.all(
      missing.map(async (kernel) => {
        const parts = this.#describe(kernel);
        const pipeline = await this.#device.createComputePipelineAsync(parts.descriptor);
        this.#compiled.set(kernel, finish(parts, pipeline));
      }),
    );
  }

  get(kernel: Kernel<BufferSpec, ParamSpec>): Compiled {
    let compiled = this.#compiled.get(kernel);
    if (!compiled) {
      const parts = this.#describe(kernel);
      compiled = finish(parts, this.#device.createComputePipeline(parts.descriptor));
      this.#compiled.set(kernel, compiled);
    }
    return compiled;
  }

  bindGroup(compiled: Compiled, tensors: readonly Tensor[]): GPUBindGroup {
    let key = "";
    for (const tensor of tensors) key += `${tensor.bufferId}:${tensor.offset}:${tensor.length},`;
    let group = compiled.bindGroups.get(key);
    if (!group) {
      const entries = tensors.map((tensor, binding) => ({
        binding,
        resource: {
          buffer: tensor.buffer,
          offset: tensor.offset,
          size: Math.ceil(sizeBytes(tensor) / 4) * 4,
        },
      }));
      group = this.#device.createBindGroup({ layout: compiled.layout, entries });
      compiled.bindGroups.set(key, group);
      this.bindGroupsMade++;
    }
    return group;
  }

  /** Forgets bind groups that name a buffer which is about to be destroyed. */
  forget(bufferId: number): void {
    for (const { bindGroups } of this.#compiled.values()) {
      for (const key of bindGroups.keys()) {
        if (`,${key}`.includes(`,${bufferId}:`)) bindGroups.delete(key);
      }
    }
  }

  #describe(kernel: Kernel<BufferSpec, ParamSpec>) {
    const form = chooseForm(kernel, this.#narrow);
    const code = [form.source, ...(form.lib ?? [])].join("\n");
    const module = this.#device.createShaderModule({ label: kernel.name, code });
    const entries = Object.values(kernel.buffers).map((access, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: access === "read" ? "read-only-storage" : "storage" } as const,
    }));
    const layout = this.#device.createBindGroupLayout({ label: kernel.name, entries });
    const immediateSize = Object.keys(kernel.params).length * 4;
    const pipelineLayout = this.#device.createPipelineLayout({
      label: kernel.name,
      bindGroupLayouts: [layout],
      immediateSize,
    } as GPUPipelineLayoutDescriptor);
    const descriptor: GPUComputePipelineDescriptor = {
      label: kernel.name,
      layout: pipelineLayout,
      compute: { module, constants: this.#constants(form.constants ?? {}) },
    };
    return { descriptor, layout, workgroups: form.workgroups, immediateSize };
  }

  #constants(declared: Readonly<Record<string, number | "subgroup">>): Record<string, number> {
    const resolved = Object.entries(declared).map(([name, value]) => [
      name,
      value === "subgroup" ? this.#subgroupSize : value,
    ]);
    return Object.fromEntries(resolved);
  }
}

function finish(
  parts: {
    layout: GPUBindGroupLayout;
    workgroups: Compiled["groups"];
    immediateSize: number;
  },
  pipeline: GPUComputePipeline,
): Compiled {
  const immediates = new Uint32Array(parts.immediateSize / 4);
  return {
    pipeline,
    layout: parts.layout,
    groups: parts.workgroups,
    params: new DataView(immediates.buffer),
    immediates,
    bindGroups: new Map(),
  };
}
