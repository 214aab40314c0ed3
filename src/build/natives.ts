// Puts the native libraries that empg embeds into dist/native, all of them from npm packages: dawn.node as it is,
// SwiftShader and the Vulkan loader out of the compressed archive that @sparticuz/chromium keeps them in.
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { readTar } from "../core/tar.ts";

export const root = join(import.meta.dir, "..", "..");
const modules = join(root, "node_modules");
const target = join(root, "dist", "native");

const SOFTWARE_VULKAN = ["libvk_swiftshader.so", "libvulkan.so.1"];
const FILES = ["dawn.so", ...SOFTWARE_VULKAN];

/** Does nothing when the files are there and come from the installed versions. */
export function unpackNatives(): void {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`empg is built on Linux x64, this is ${process.platform} ${process.arch}`);
  }
  const stamp = join(target, "versions.json");
  const versions = JSON.stringify({
    webgpu: versionOf("webgpu"),
    chromium: versionOf("@sparticuz/chromium"),
  });
  const whole = FILES.every((name) => existsSync(join(target, name)));
  if (whole && existsSync(stamp) && readFileSync(stamp, "utf8") === versions) return;

  mkdirSync(target, { recursive: true });
  replace("dawn.so", (path) => link(join(modules, "webgpu/dist/linux-x64/dawn.node"), path));
  const archive = readFileSync(join(modules, "@sparticuz/chromium/bin/swiftshader.tar.br"));
  const entries = readTar(brotliDecompressSync(archive));
  for (const name of SOFTWARE_VULKAN) {
    const contents = entries.get(name);
    if (!contents) throw new Error(`@sparticuz/chromium: swiftshader.tar.br holds no ${name}`);
    replace(name, (path) => writeFileSync(path, contents, { mode: 0o755 }));
  }
  replace("versions.json", (path) => writeFileSync(path, versions));
}

function versionOf(name: string): string {
  return JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8")).version;
}

/** A process that runs from the old file keeps it. */
function replace(name: string, write: (path: string) => void): void {
  const partial = join(target, `${name}.${process.pid}.partial`);
  rmSync(partial, { force: true });
  write(partial);
  renameSync(partial, join(target, name));
}

function link(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to); // another file system, or one without links
  }
}

if (import.meta.main) unpackNatives();
