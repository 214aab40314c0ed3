import { expect, test } from "bun:test";
import { lockFile } from "../../src/core/file-lock.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

test("a lock is held by one, and free again when it is given back", () => {
  using temporary = new TemporaryDirectory();
  const path = temporary.file("lock");
  {
    using held = lockFile(path);
    expect(held).toBeDefined();
    expect(lockFile(path)).toBeUndefined();
  }
  using again = lockFile(path);
  expect(again).toBeDefined();
});

test("a process that is killed leaves no lock behind", async () => {
  using temporary = new TemporaryDirectory();
  const path = temporary.file("lock");
  const module = new URL("../../src/core/file-lock.ts", import.meta.url).pathname;
  const script = temporary.file(
    "hold.ts",
    `import { lockFile } from "${module}";
     globalThis.held = lockFile("${path}");
     console.log("held");
     setInterval(() => {}, 1000);`,
  );
  const child = Bun.spawn([process.execPath, script], { stdout: "pipe" });
  await child.stdout.getReader().read();
  expect(lockFile(path)).toBeUndefined();
  child.kill("SIGKILL");
  await child.exited;
  using free = lockFile(path);
  expect(free).toBeDefined();
});
