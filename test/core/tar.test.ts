import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { writeTar } from "../../src/build/tar.ts";
import { readTar } from "../../src/core/tar.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const sizes = [0, 1, 511, 512, 513, 5000];
const files = sizes.map((size) => ({
  name: `folder/file-${size}`,
  contents: new Uint8Array(size).map((_, i) => i * 7 + size),
  mode: size === 513 ? 0o755 : 0o644,
}));

test("what is written is read back", () => {
  const read = readTar(writeTar(files));
  expect([...read]).toEqual(files.map(({ name, contents }) => [name, Buffer.from(contents)]));
});

test("the same files give the same bytes", () => {
  expect(writeTar(files)).toEqual(writeTar(files));
});

test("a truncated archive is refused", () => {
  expect(() => readTar(writeTar(files).subarray(0, 6 * 512))).toThrow("truncated");
});

test.skipIf(!Bun.which("tar"))("tar itself reads it, permissions included", () => {
  using directory = new TemporaryDirectory();
  const archive = directory.file("a.tar", writeTar(files));
  const { stdout, stderr, exitCode } = Bun.spawnSync(["tar", "-tvf", archive]);
  expect(stderr.toString()).toBe("");
  expect(exitCode).toBe(0);
  const rows = stdout.toString().trim().split("\n");
  expect(rows.map((row) => [row.slice(0, 10), row.split(/\s+/).at(-1)])).toEqual(
    files.map(({ name, mode }) => [mode === 0o755 ? "-rwxr-xr-x" : "-rw-r--r--", name]),
  );
});

describe.skipIf(!Bun.which("tar"))("names beyond 100 bytes, as tar itself writes them", () => {
  test.each(["ustar", "gnu", "pax"])("%s", (format) => {
    using directory = new TemporaryDirectory();
    const name = `${"a".repeat(60)}/${"b".repeat(60)}/${"c".repeat(60)}.txt`;
    mkdirSync(dirname(directory.file(name)), { recursive: true });
    directory.file(name, "here");
    directory.file("short.txt", "there");
    const args = ["tar", `--format=${format}`, "-cf", "-", name, "short.txt"];
    const { stdout, stderr } = Bun.spawnSync(args, { cwd: directory.path });
    expect(stderr.toString()).toBe("");
    const read = [...readTar(stdout)].map(([file, contents]) => [
      file,
      Buffer.from(contents).toString(),
    ]);
    expect(read).toEqual([
      [name, "here"],
      ["short.txt", "there"],
    ]);
  });
});
