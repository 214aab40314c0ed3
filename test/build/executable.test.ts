/** What an executable needs from the machine it lands on: no files, no settings, no particular user. */

import { beforeAll, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../src/build/build.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const directory = new TemporaryDirectory();
const probe = join(directory.path, "probe");
const empty = join(directory.path, "empty");
const isRoot = process.getuid?.() === 0;

beforeAll(async () => {
  await compile(join(import.meta.dir, "probe.ts"), probe);
  chmodSync(directory.path, 0o755);
  mkdirSync(empty, { mode: 0o555 });
  return () => directory[Symbol.dispose]();
});

/** Runs the probe in the empty directory with these environment variables and no others. */
async function run(env: Record<string, string>, asUser?: number) {
  const user = asUser === undefined ? {} : { uid: asUser, gid: asUser };
  const child = Bun.spawn([probe], { cwd: empty, env, stdout: "pipe", stderr: "pipe", ...user });
  const [out, notes] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out, notes };
}

const COMPUTED = { code: 0, out: "63\n", notes: "" };

test("it computes in an empty read-only directory, without a home", async () => {
  using temporary = new TemporaryDirectory();
  expect(await run({ TMPDIR: temporary.path })).toEqual(COMPUTED);
  expect(readdirSync(empty)).toEqual([]);
});

test("what it unpacks is private, complete, and used again", async () => {
  using cache = new TemporaryDirectory();
  const env = { XDG_CACHE_HOME: cache.path };
  expect(await run(env)).toEqual(COMPUTED);
  const unpacked = join(cache.path, "empg");
  expect(statSync(unpacked).mode & 0o777).toBe(0o700);
  const state = () =>
    readdirSync(unpacked)
      .sort()
      .map((name) => [name, statSync(join(unpacked, name)).mtimeMs]);
  const first = state();
  expect(first.length).toBe(4);
  expect(await run(env)).toEqual(COMPUTED);
  expect(state()).toEqual(first);
});

test("several processes may start for the first time at once", async () => {
  using cache = new TemporaryDirectory();
  const env = { XDG_CACHE_HOME: cache.path };
  const results = await Promise.all(Array.from({ length: 4 }, () => run(env)));
  expect(results).toEqual(Array.from({ length: 4 }, () => COMPUTED));
  expect(readdirSync(join(cache.path, "empg")).filter((name) => /partial/.test(name))).toEqual([]);
});

test("a directory that others can write to is passed over", async () => {
  using cache = new TemporaryDirectory();
  using temporary = new TemporaryDirectory();
  const open = join(cache.path, "empg");
  mkdirSync(open);
  chmodSync(open, 0o777);
  const env = { XDG_CACHE_HOME: cache.path, TMPDIR: temporary.path };
  expect(await run(env)).toEqual(COMPUTED);
  expect(readdirSync(open)).toEqual([]);
  expect(readdirSync(temporary.path)).toEqual([`empg-${process.getuid?.()}`]);
});

test("a half-written library is replaced", async () => {
  using cache = new TemporaryDirectory();
  const env = { XDG_CACHE_HOME: cache.path };
  await run(env);
  const library = readdirSync(join(cache.path, "empg")).find((name) => name.startsWith("dawn"));
  await Bun.write(join(cache.path, "empg", library ?? ""), "half");
  expect(await run(env)).toEqual(COMPUTED);
});

test("it reads no settings from the directory it runs in", async () => {
  using cache = new TemporaryDirectory();
  using project = new TemporaryDirectory();
  project.file("bunfig.toml", 'preload = ["./preload.ts"]\n');
  project.file("preload.ts", 'console.log("preloaded");\n');
  project.file(".env", "VK_DRIVER_FILES=/nowhere.json\n");
  const env = { XDG_CACHE_HOME: cache.path };
  const child = Bun.spawn([probe], { cwd: project.path, env, stdout: "pipe" });
  expect(await child.stdout.text()).toBe("63\n");
});

test.skipIf(!isRoot)("any user can run it, without a home to write to", async () => {
  const user = 61_234;
  using temporary = new TemporaryDirectory();
  chmodSync(temporary.path, 0o777);
  const env = { HOME: "/nonexistent", TMPDIR: temporary.path };
  expect(await run(env, user)).toEqual(COMPUTED);
  expect(statSync(join(temporary.path, `empg-${user}`)).uid).toBe(user);
});

test("dist/empg prints its version in an empty read-only directory", () => {
  const executable = join(import.meta.dir, "..", "..", "dist", "empg");
  expect(existsSync(executable)).toBe(true);
  const { stdout, exitCode } = Bun.spawnSync([executable, "--version"], { cwd: empty, env: {} });
  expect(stdout.toString()).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(exitCode).toBe(0);
});
