import { dlopen, FFIType } from "bun:ffi";
import { nativeLibraries } from "./natives.ts";

/** Which Vulkan drivers Dawn gets to see. */
export type VulkanDrivers = "system" | "software" | "both";

/** Dawn's Node addon. */
export interface Dawn {
  /**
   * A WebGPU instance. Equal flags give the same object: it lives as long as the process.
   * @param flags `backend=…`, `enable-dawn-features=a,b`, `disable-dawn-features=c`, …
   */
  create(flags: readonly string[]): GPU;
}

interface Addon {
  create(flags: readonly string[]): GPU;
  globals: Record<string, unknown>;
}

/**
 * dawn.node destroys the native instance when its object is collected, live devices or not, and then the process
 * crashes. Bun collects a module's constants once they are out of use, so the global object has to hold them.
 */
const instances = new Map<string, GPU>();
Object.assign(globalThis, { empgDawnInstances: instances });

let addon: Addon | undefined;

/**
 * Loads Dawn and decides which Vulkan drivers its instances find. An instance looks for them when it is first asked
 * for an adapter, and keeps to what it found: ask before calling this again.
 * - `system`: the machine's own, as its configuration and the user's `VK_*` variables say. There may be none: Dawn
 *   then warns on standard error and `requestAdapter` gives null.
 * - `software`: SwiftShader, which empg brings along.
 * - `both`: the machine's own and SwiftShader.
 */
export function loadDawn(drivers: VulkanDrivers): Dawn {
  useVulkanDrivers(drivers);
  const { create } = loadAddon();
  return {
    create(flags) {
      const key = JSON.stringify([drivers, ...flags]);
      const gpu = instances.get(key) ?? create(flags);
      instances.set(key, gpu);
      return gpu;
    },
  };
}

/**
 * The addon alone, without the `webgpu` package around it, which looks for it at a path that an executable does not
 * have. The package also detaches mapped ranges when their device is destroyed, since reading one then crashes; here
 * those who map (readback, clock) copy at once and keep no range.
 */
function loadAddon(): Addon {
  if (addon) return addon;
  // Dawn asks for `libvulkan.so.1` by name and gets the library of that name that is in the process already. It is
  // always ours: a machine may have none, or one from before VK_DRIVER_FILES, and ours finds the same drivers.
  dlopen(nativeLibraries().loader, {
    vkEnumerateInstanceVersion: { args: [FFIType.ptr], returns: FFIType.i32 },
  });
  const module = { exports: {} as Addon };
  process.dlopen(module, nativeLibraries().dawn);
  addon = module.exports;
  Object.assign(globalThis, addon.globals);
  return addon;
}

function useVulkanDrivers(drivers: VulkanDrivers): void {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES } = process.env;
  const only = VK_DRIVER_FILES || VK_ICD_FILENAMES;
  const ours = drivers === "system" ? undefined : nativeLibraries().softwareDriver;
  // The loader ignores additions to a list that the user has fixed, so there ours goes into the list.
  setForNativeCode({
    VK_DRIVER_FILES: drivers === "software" ? ours : only && paths(only, ours),
    VK_ADD_DRIVER_FILES: paths(VK_ADD_DRIVER_FILES, ours),
  });
}

function paths(...lists: (string | undefined)[]): string | undefined {
  return lists.filter(Boolean).join(":") || undefined;
}

/** Sets environment variables for native code, which never sees what is assigned to `process.env`. */
function setForNativeCode(variables: Record<string, string | undefined>): void {
  const { symbols } = dlopen("libc.so.6", {
    setenv: { args: [FFIType.ptr, FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
    unsetenv: { args: [FFIType.ptr], returns: FFIType.i32 },
  });
  const text = (value: string) => Buffer.from(`${value}\0`);
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) symbols.unsetenv(text(name));
    else symbols.setenv(text(name), text(value), 1);
  }
}
