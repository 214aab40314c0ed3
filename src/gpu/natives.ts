import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import dawn from "../../dist/native/dawn.so" with { type: "file" };
import swiftshader from "../../dist/native/libvk_swiftshader.so" with { type: "file" };
import loader from "../../dist/native/libvulkan.so.1" with { type: "file" };
import { UserError } from "../core/errors.ts";

/** Absolute paths of the native libraries on this machine's disk. */
export interface Natives {
  /** Dawn as a Node addon. */
  readonly dawn: string;
  /** The Vulkan loader, which finds drivers and passes calls on to them. */
  readonly loader: string;
  /** The manifest by which a Vulkan loader finds SwiftShader. */
  readonly softwareDriver: string;
}

let natives: Natives | undefined;

/**
 * The libraries the GPU layer loads. Run from the sources they lie in `dist/native`; the executable
 * carries them and unpacks them once per user, since the dynamic linker opens nothing but files.
 */
export function nativeLibraries(): Natives {
  natives ??= dawn.startsWith("/$bunfs/") ? unpack() : describe(dawn, loader, swiftshader);
  return natives;
}

function describe(dawn: string, loader: string, swiftshader: string): Natives {
  const softwareDriver = join(dirname(swiftshader), `${basename(swiftshader)}.json`);
  const ICD = { library_path: `./${basename(swiftshader)}`, api_version: "1.3.0" };
  const manifest = JSON.stringify({ file_format_version: "1.0.0", ICD });
  if (!existsSync(softwareDriver) || readFileSync(softwareDriver, "utf8") !== manifest) {
    writeAtomically(softwareDriver, manifest);
  }
  return { dawn, loader, softwareDriver };
}

function unpack(): Natives {
  const refusals: string[] = [];
  for (const directory of cacheDirectories()) {
    try {
      claim(directory);
      const files = [dawn, loader, swiftshader].map((file) => unpackFile(file, directory));
      return describe(files[0]!, files[1]!, files[2]!);
    } catch (error) {
      refusals.push(`${directory}: ${(error as Error).message}`);
    }
  }
  throw new UserError(
    `no directory to unpack the GPU libraries into (${refusals.join("; ")})`,
    "set XDG_CACHE_HOME to a directory of yours with 40 MB free on a file system that allows execution",
  );
}

/** Where this user may keep files between runs, the best place first. */
function cacheDirectories(): string[] {
  const { XDG_CACHE_HOME, HOME, TMPDIR } = process.env;
  const own = `empg-${process.getuid?.() ?? "user"}`;
  return [
    ...(XDG_CACHE_HOME?.startsWith("/") ? [join(XDG_CACHE_HOME, "empg")] : []),
    ...(HOME?.startsWith("/") ? [join(HOME, ".cache", "empg")] : []),
    ...(TMPDIR?.startsWith("/") ? [join(TMPDIR, own)] : []),
    join(tmpdir(), own),
    join("/dev/shm", own),
  ];
}

/** Creates the directory, or throws when it is not ours alone: code loaded from it runs as this user. */
function claim(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(directory);
  if (uid !== process.getuid?.()) throw new Error("it belongs to another user");
  if (mode & 0o022) throw new Error("others may write to it");
}

/** Bundled names carry a hash of the contents, so a file that is there and whole is the right one. */
function unpackFile(bundled: string, directory: string): string {
  const path = join(directory, basename(bundled));
  if (!existsSync(path) || statSync(path).size !== statSync(bundled).size) {
    writeAtomically(path, readFileSync(bundled));
  }
  // Refuses on a file system mounted without execution, where the linker would fail later.
  accessSync(path, constants.X_OK);
  return path;
}

/** Several processes may write the same file at once; each renames a whole one into place. */
function writeAtomically(path: string, contents: string | Uint8Array): void {
  const partial = `${path}.${process.pid}.partial`;
  try {
    writeFileSync(partial, contents, { mode: 0o700 });
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
