/**
 * WebGPU promises that destroying a device unmaps its buffers. dawn.node frees their memory and leaves the
 * ArrayBuffers attached to it, so reading one afterwards ends the process with a segmentation fault. This keeps the
 * promise: such arrays become empty instead. (The `webgpu` package does the same in the JavaScript that a compiled
 * executable cannot use.)
 */
export function unmapOnDestroy(device: GPUDevice): void {
  const mappable = GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE;
  const buffers = new Set<WeakRef<GPUBuffer>>();
  const { createBuffer, destroy } = device;

  device.createBuffer = (descriptor) => {
    const buffer = createBuffer.call(device, descriptor);
    if (descriptor.mappedAtCreation || descriptor.usage & mappable) {
      for (const reference of buffers) if (!reference.deref()) buffers.delete(reference);
      buffers.add(new WeakRef(buffer));
    }
    return buffer;
  };

  device.destroy = () => {
    for (const reference of buffers) {
      const buffer = reference.deref();
      if (buffer?.mapState === "mapped") buffer.unmap();
    }
    return destroy.call(device);
  };
}
