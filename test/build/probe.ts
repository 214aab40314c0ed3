/** A program to compile: computes 3·21 with the software adapter and prints it. */

import { loadDawn } from "../../src/gpu/dawn.ts";

const adapter = await loadDawn("software").create(["backend=vulkan"]).requestAdapter();
const device = await adapter?.requestDevice();
if (!device) throw new Error("no software adapter");

const code = `
  @group(0) @binding(0) var<storage, read_write> values: array<u32>;
  @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { values[id.x] = id.x * 3u; }
`;
const module = device.createShaderModule({ code });
const pipeline = device.createComputePipeline({ layout: "auto", compute: { module } });
const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
const values = device.createBuffer({ size: 256, usage: STORAGE | COPY_SRC });
const staging = device.createBuffer({ size: 256, usage: MAP_READ | COPY_DST });
const layout = pipeline.getBindGroupLayout(0);
const entries = [{ binding: 0, resource: { buffer: values } }];

const encoder = device.createCommandEncoder();
const pass = encoder.beginComputePass();
pass.setPipeline(pipeline);
pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
pass.dispatchWorkgroups(1);
pass.end();
encoder.copyBufferToBuffer(values, 0, staging, 0, 256);
device.queue.submit([encoder.finish()]);
await staging.mapAsync(GPUMapMode.READ);
console.log(new Uint32Array(staging.getMappedRange())[21]);
// A device that nobody refers to any more is collected, and takes the mapping that is under way with it.
device.destroy();
process.exit(0);
