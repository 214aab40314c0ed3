// Builds dist/empg, one executable with everything inside, unless it is there and made from the same files.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, unpackNatives } from "./natives.ts";

const executable = join(root, "dist", "empg");
const stamp = join(root, "dist", "empg.inputs");

/** What the executable is made of; `empg bench` brings its checks, and with them the references. */
const INPUTS = [
  "src/**/*",
  "shaders/**/*",
  "bench/**/*",
  "test/reference/**/*",
  "test/support/tolerances.ts",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];

if (import.meta.main) {
  unpackNatives();
  const inputs = hashInputs();
  const fresh =
    existsSync(executable) && existsSync(stamp) && readFileSync(stamp, "utf8") === inputs;
  if (!fresh) {
    process.stderr.write("building dist/empg\n");
    rmSync(stamp, { force: true });
    await compile(join(root, "src/cli/main.ts"), executable);
    writeFileSync(stamp, inputs);
  }
}

function hashInputs(): string {
  const hash = new Bun.CryptoHasher("sha256");
  const paths = INPUTS.flatMap((pattern) => [...new Bun.Glob(pattern).scanSync(root)]);
  for (const path of paths.sort()) {
    const contents = readFileSync(join(root, path));
    hash.update(`${path}\0${contents.length}\0`).update(contents);
  }
  return hash.digest("hex");
}

/**
 * Compiles an entry point into an executable.
 * @throws AggregateError naming the file and line of each thing that does not bundle
 */
export async function compile(entrypoint: string, outfile: string): Promise<void> {
  // A running executable cannot be written over, but it can be replaced.
  const partial = `${outfile}.${process.pid}.partial`;
  mkdirSync(join(outfile, ".."), { recursive: true });
  try {
    await Bun.build({
      entrypoints: [entrypoint],
      // Names stay, for stack traces.
      minify: { whitespace: true, syntax: true },
      sourcemap: "inline",
      // empg reads no settings from the directory it happens to be run in.
      compile: { outfile: partial, autoloadDotenv: false, autoloadBunfig: false },
    });
    renameSync(partial, outfile);
  } finally {
    rmSync(partial, { force: true });
    rmSync(`${partial}.map`, { force: true }); // the executable holds it too
  }
}
