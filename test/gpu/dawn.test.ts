import { expect, test } from "bun:test";
import { loadDawn } from "../../src/gpu/dawn.ts";

const DAWN = new URL("../../src/gpu/dawn.ts", import.meta.url).pathname;

/** Runs a program of its own: its exit is part of what is tested. */
function run(program: string, env: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = Bun.spawnSync(
    [process.execPath, "-e", `import { loadDawn } from "${DAWN}";\n${program}`],
    { env: { ...process.env, ...env } },
  );
  return { exitCode, out: stdout.toString(), notes: stderr.toString() };
}

const ADAPTER = `const adapter = await gpu.requestAdapter();
  console.log(adapter?.info.description ?? "none");`;

test("equal flags share one instance", () => {
  const { create } = loadDawn("software");
  expect(create(["backend=null"])).toBe(create(["backend=null"]));
  expect(create(["backend=null"])).not.toBe(create(["backend=vulkan"]));
});

test("an instance outlives garbage collection", () => {
  const result = run(`
    const device = await (async () => {
      const adapter = await loadDawn("software").create(["backend=vulkan"]).requestAdapter();
      return adapter.requestDevice();
    })();
    for (let i = 0; i < 60; i++) {
      Bun.gc(true);
      await new Promise((resolve) => setTimeout(resolve, 1));
      device.createBuffer({ size: 1024, usage: GPUBufferUsage.STORAGE }).destroy();
    }
    await device.queue.onSubmittedWorkDone();
    console.log("alive");
  `);
  expect(result).toEqual({ exitCode: 0, out: "alive\n", notes: "" });
});

test("a program that frees nothing ends with its own exit code", () => {
  const program = `
    const adapter = await loadDawn("software").create(["backend=vulkan"]).requestAdapter();
    const device = await adapter.requestDevice();
    device.createBuffer({ size: 1 << 20, usage: GPUBufferUsage.STORAGE });
  `;
  expect(run(`${program} process.exit(7);`).exitCode).toBe(7);
  expect(run(program).exitCode).toBe(0);
});

test("the software drivers are there whatever the user's drivers are", () => {
  for (const drivers of ["software", "both"]) {
    const program = `const gpu = loadDawn("${drivers}").create(["backend=vulkan"]); ${ADAPTER}`;
    expect(run(program, { VK_DRIVER_FILES: "/nowhere.json" }).out).toContain("SwiftShader");
    expect(run(program, { VK_ADD_DRIVER_FILES: "/nowhere.json" }).out).toContain("SwiftShader");
  }
});

test("the system's drivers do not include the software one", () => {
  const program = `const gpu = loadDawn("system").create(["backend=vulkan"]); ${ADAPTER}`;
  expect(run(program, { VK_DRIVER_FILES: "/nowhere.json" }).out).toBe("none\n");
});
