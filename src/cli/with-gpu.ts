/** The device of a command: opened, named, and closed whatever happens. */

import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import type { Io } from "./command.ts";

/**
 * Opens the device behind `--device`, says which one it is, and closes it when `work` is over.
 * @throws UserError when there is no such adapter
 */
export async function withGpu<Result>(
  choice: string | undefined,
  io: Io,
  work: (gpu: Gpu, scope: Scope) => Promise<Result>,
): Promise<Result> {
  const { openGpu } = await import("../gpu/device.ts");
  const gpu = await openGpu(choice);
  try {
    const { description } = gpu.adapter.adapter.info;
    io.note(`device   ${description} (${gpu.adapter.software ? "software adapter" : "GPU"})`);
    using scope = gpu.scope();
    return await work(gpu, scope);
  } finally {
    gpu.close();
  }
}
