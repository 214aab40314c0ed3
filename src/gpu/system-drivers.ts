import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Whether the machine may have a Vulkan driver of its own. Asking Dawn where there is none prints
 * warnings that nobody can act on, so the places where drivers register are looked at first.
 */
export function hasSystemDrivers(): boolean {
  if (process.platform !== "linux") return true;
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES, VK_ADD_DRIVER_FILES } = process.env;
  if (VK_DRIVER_FILES || VK_ICD_FILENAMES || VK_ADD_DRIVER_FILES) return true;
  return manifestDirectories().some((directory) => {
    try {
      return readdirSync(directory).some((file) => file.endsWith(".json"));
    } catch {
      return false;
    }
  });
}

/** Where the Vulkan loader looks for driver manifests on Linux. */
function manifestDirectories(): string[] {
  const { HOME = "", XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CONFIG_DIRS, XDG_DATA_DIRS } = process.env;
  const lists = [
    XDG_CONFIG_HOME ?? join(HOME, ".config"),
    XDG_CONFIG_DIRS ?? "/etc/xdg",
    "/usr/local/etc",
    "/etc",
    XDG_DATA_HOME ?? join(HOME, ".local/share"),
    XDG_DATA_DIRS ?? "/usr/local/share:/usr/share",
  ];
  return lists.flatMap((list) => list.split(":")).map((base) => join(base, "vulkan/icd.d"));
}
