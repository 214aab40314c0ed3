// Writes dist/empg-linux-x64.tar.xz: the executable with its licences, small enough to carry to a GPU machine.
import { spawnSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./natives.ts";
import { notices } from "./notices.ts";
import { writeTar } from "./tar.ts";

const NAME = "empg-linux-x64";
const LIMIT_BYTES = 55 * 2 ** 20;

const file = (path: string) => readFileSync(join(root, path));
const tar = writeTar([
  { name: `${NAME}/empg`, contents: file("dist/empg"), mode: 0o755 },
  { name: `${NAME}/LICENSE`, contents: file("LICENSE"), mode: 0o644 },
  { name: `${NAME}/NOTICES.txt`, contents: Buffer.from(notices()), mode: 0o644 },
]);

process.stderr.write(`compressing ${megabytes(tar.length)} MiB\n`);
const archive = join(root, "dist", `${NAME}.tar.xz`);
writeFileSync(`${archive}.partial`, compress(tar));
renameSync(`${archive}.partial`, archive);
const sizeBytes = readFileSync(archive).length;
if (sizeBytes > LIMIT_BYTES) {
  fail(
    `${archive} has ${megabytes(sizeBytes)} MiB, more than the ${megabytes(LIMIT_BYTES)} allowed`,
  );
}
process.stdout.write(`${archive}  ${megabytes(sizeBytes)} MiB\n`);

/** x86 machine code packs better when its jump targets are made absolute first; every xz undoes that. */
function compress(data: Uint8Array): Uint8Array {
  const options = ["--x86", "--lzma2=preset=6", "--threads=0", "--stdout"];
  const { stdout, stderr, status, error } = spawnSync("xz", options, {
    input: data,
    maxBuffer: 2 ** 30,
  });
  if (error) fail(`cannot run xz: ${error.message}`, "install xz (Debian: apt install xz-utils)");
  if (status !== 0) fail(`xz failed: ${stderr}`);
  return stdout;
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function fail(problem: string, hint?: string): never {
  process.stderr.write(`error: ${problem}\n${hint ? `hint: ${hint}\n` : ""}`);
  process.exit(1);
}
