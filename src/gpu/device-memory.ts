/** How much memory a device has: WebGPU does not tell, but the system often does. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import type { ChosenAdapter } from "./adapter.ts";

/** Of a device's memory, what a run may take: the rest is the driver's, and on a processor the host's own work. */
const GPU_SHARE = 0.9;
const HOST_SHARE = 0.85;

/**
 * Bytes that a run may take on a device; undefined where nobody tells. The whole of its memory counts, not what
 * is free at the moment: the same run must come out the same tomorrow.
 */
export function usableBytes({ adapter, software }: ChosenAdapter): number | undefined {
  if (software) return HOST_SHARE * totalmem();
  const { vendor, description, device } = adapter.info;
  const name = `${description} ${device}`;
  const total = /nvidia/i.test(`${vendor} ${name}`)
    ? nvidiaBytes(askNvidia(), name)
    : /amd|radeon/i.test(`${vendor} ${name}`)
      ? amdBytes("/sys/class/drm")
      : undefined;
  return total && GPU_SHARE * total;
}

/** `NAME, MEBIBYTES`, one GPU a line; empty where the driver's tool is not there. */
function askNvidia(): string {
  const query = ["--query-gpu=name,memory.total", "--format=csv,noheader,nounits"];
  const { status, stdout } = spawnSync("nvidia-smi", query, { timeout: 5000, encoding: "utf8" });
  return status === 0 ? stdout : "";
}

/** The memory of the GPU that an adapter's name names; where it names none, the smallest, so as not to promise too much. */
export function nvidiaBytes(table: string, adapter: string): number | undefined {
  const rows = [...table.matchAll(/^(.+), (\d+)$/gm)].map(([, name, mebibytes]) => ({
    name: name!.trim(),
    bytes: Number(mebibytes) * 2 ** 20,
  }));
  const named = rows.filter(({ name }) => adapter.includes(name));
  const sizes = (named.length > 0 ? named : rows).map(({ bytes }) => bytes);
  return sizes.length > 0 ? Math.min(...sizes) : undefined;
}

/** The largest video memory among the cards that the kernel knows: integrated ones beside it have little. */
export function amdBytes(directory: string): number | undefined {
  const sizes = entries(directory).flatMap((card) => {
    try {
      return [Number(readFileSync(join(directory, card, "device/mem_info_vram_total"), "utf8"))];
    } catch {
      return [];
    }
  });
  return sizes.length > 0 ? Math.max(...sizes) : undefined;
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => /^card\d+$/.test(name));
  } catch {
    return [];
  }
}
