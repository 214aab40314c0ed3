import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { chooseAdapter } from "../../src/gpu/adapter.ts";
import { amdBytes, nvidiaBytes, usableBytes } from "../../src/gpu/device-memory.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

test("a software adapter has a share of the machine's memory", async () => {
  const bytes = usableBytes(await chooseAdapter("software"));
  expect(bytes! / totalmem()).toBeGreaterThan(0.5);
  expect(bytes!).toBeLessThan(totalmem());
});

test("NVIDIA's table: the GPU that the adapter names, else the smallest, else nothing", () => {
  const table = "NVIDIA H200, 143771\nNVIDIA RTX A400, 4094\n";
  expect(nvidiaBytes(table, "NVIDIA H200 ")).toBe(143_771 * 2 ** 20);
  expect(nvidiaBytes(table, "some name of the driver's own")).toBe(4094 * 2 ** 20);
  expect(nvidiaBytes("", "NVIDIA H200")).toBeUndefined();
  expect(nvidiaBytes("NVIDIA-SMI has failed\n", "NVIDIA H200")).toBeUndefined();
});

test("AMD's cards: the largest video memory that the kernel tells of", () => {
  using directory = new TemporaryDirectory();
  for (const [card, bytes] of [
    ["card0", "536870912\n"],
    ["card1", "25753026560\n"],
    ["renderD128", "9\n"],
  ] as const) {
    mkdirSync(join(directory.path, card, "device"), { recursive: true });
    writeFileSync(join(directory.path, card, "device/mem_info_vram_total"), bytes);
  }
  mkdirSync(join(directory.path, "card2"));
  expect(amdBytes(directory.path)).toBe(25_753_026_560);
  expect(amdBytes(join(directory.path, "nowhere"))).toBeUndefined();
});
