import { UserError } from "../core/errors.ts";
import { loadDawn, type VulkanDrivers } from "./dawn.ts";
import { hasSystemDrivers } from "./system-drivers.ts";

/** Experimental features and GPU-wide speed: see Dawn's toggle list. */
const ENABLED = [
  "allow_unsafe_apis",
  "vulkan_enable_f16_on_nvidia",
  "disable_robustness",
  "disable_workgroup_init",
];
/** Real timestamps instead of steps of 65 µs. */
const DISABLED = ["timestamp_quantization"];

const FLAGS = [
  `enable-dawn-features=${ENABLED.join(",")}`,
  `disable-dawn-features=${DISABLED.join(",")}`,
];

export interface ChosenAdapter {
  readonly adapter: GPUAdapter;
  /** One of Dawn's backends: `vulkan`, or `null`, which compiles and runs nothing. */
  readonly backend: "vulkan" | "null";
  /** A driver that computes on the CPU. */
  readonly software: boolean;
}

/**
 * Finds the adapter a user asked for.
 * @param choice `auto` (a GPU, else the software adapter inside empg), `gpu`, `software`, `null`
 *   (compiles shaders, runs nothing: for tests), or a part of an adapter's name
 * @throws UserError when there is none
 */
export async function chooseAdapter(choice: string): Promise<ChosenAdapter> {
  if (choice === "null") return required(await request("software", "null", []), choice);
  if (choice === "software") return required(await request("software", "vulkan", []), choice);
  if (choice !== "auto" && choice !== "gpu") {
    return required(await request("both", "vulkan", [`adapter=${choice}`]), choice);
  }
  const system = hasSystemDrivers() ? await request("system", "vulkan", []) : null;
  if (system && !system.software) return system;
  return required(choice === "gpu" ? null : await request("software", "vulkan", []), choice);
}

async function request(
  drivers: VulkanDrivers,
  backend: "vulkan" | "null",
  flags: readonly string[],
): Promise<ChosenAdapter | null> {
  const gpu = loadDawn(drivers).create([`backend=${backend}`, ...FLAGS, ...flags]);
  // For a name that no adapter has, Dawn throws a list of all names where others are told null.
  const adapter = await gpu
    .requestAdapter({ powerPreference: "high-performance" })
    .catch(() => null);
  if (!adapter) return null;
  return { adapter, backend, software: isSoftware(adapter.info) };
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return (
    info.isFallbackAdapter || /swiftshader|llvmpipe/i.test(`${info.device} ${info.description}`)
  );
}

function required(found: ChosenAdapter | null, choice: string): ChosenAdapter {
  if (found) return found;
  if (choice === "gpu") {
    throw new UserError(
      "--device gpu: no GPU with a Vulkan driver was found on this machine",
      "install the vendor's Vulkan driver, name its file in VK_DRIVER_FILES, or use --device software",
    );
  }
  throw new UserError(
    `--device ${choice}: no such adapter; allowed are auto, gpu, software or a part of an adapter's name`,
    "`empg doctor` shows the adapter that auto takes",
  );
}
