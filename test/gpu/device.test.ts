import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Gpu, openGpu } from "../../src/gpu/device.ts";
import { defineKernel, foldGroups } from "../../src/gpu/kernel.ts";
import { view } from "../../src/gpu/tensor.ts";

const header = `
requires immediate_address_space;
struct Params { count: u32, factor: f32, shift: i32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
`;

const scaleKernel = defineKernel({
  name: "scale-and-shift",
  buffers: { x: "read", y: "write" },
  params: { count: "u32", factor: "f32", shift: "i32" },
  gpu: {
    source: `${header}
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.count) { y[id.x] = x[id.x] * params.factor + f32(params.shift); }
}`,
    workgroups: ({ count }: Record<string, number>) => [Math.ceil(count! / 64)],
  },
});

const OPTIONS = { factor: 2, shift: -1 };

/** A device of the tests' own: the first error stays with a device. */
const open = () => openGpu(process.env.EMPG_TEST_DEVICE ?? "auto");

let gpu: Gpu;
beforeAll(async () => {
  gpu = await open();
});
afterAll(() => gpu.close());

describe("memory", () => {
  test("is counted while a scope lives, and back at zero after it", () => {
    expect(gpu.memory.bytes).toBe(0);
    {
      using scope = gpu.scope();
      scope.f32("a", [3, 100]);
      scope.u32("b", [1]);
      // In units of 256 bytes.
      expect(gpu.memory.bytes).toBe(1280 + 256);
      {
        using inner = scope.scope();
        inner.i32("c", [64]);
        expect(gpu.memory.bytes).toBe(1280 + 512);
      }
      expect(gpu.memory.bytes).toBe(1280 + 256);
      scope.scope().f32("left to its parent", [64]);
    }
    expect(gpu.memory.bytes).toBe(0);
    expect(gpu.memory.peakBytes).toBe(1280 + 512);
  });

  test("comes back after an error too", () => {
    const work = () => {
      using scope = gpu.scope();
      scope.f32("a", [1000]);
      throw new Error("on the way");
    };
    expect(work).toThrow("on the way");
    expect(gpu.memory.bytes).toBe(0);
  });

  test("a tensor that no buffer holds is refused with its name and both sizes", () => {
    using scope = gpu.scope();
    expect(() => scope.f32("huge", [2 ** 20, 2 ** 20])).toThrow(
      /^"huge" \(1048576 × 1048576\) needs 4\S* [TG]i?B; one buffer of this adapter holds [\d.,]+ [MGT]i?B$/,
    );
    expect(gpu.memory.bytes).toBe(0);
  });
});

describe("reading and writing", () => {
  test("tensors come back in the order they are asked for, each in its type", async () => {
    using scope = gpu.scope();
    const a = scope.f32("a", [3]);
    const b = scope.u32("b", [2]);
    const c = scope.i32("c", [1]);
    gpu.write(a, Float32Array.of(1.5, 2.5, 3.5));
    gpu.write(b, Uint32Array.of(4_000_000_000, 7));
    gpu.write(c, Int32Array.of(-9));
    expect(await gpu.readAll([c, a, b, a])).toEqual([
      Int32Array.of(-9),
      Float32Array.of(1.5, 2.5, 3.5),
      Uint32Array.of(4_000_000_000, 7),
      Float32Array.of(1.5, 2.5, 3.5),
    ]);
  });

  test("a read sees what was submitted before it, and not what comes after", async () => {
    using scope = gpu.scope();
    const [x, y] = [scope.f32("x", [100]), scope.f32("y", [100])];
    gpu.write(x, new Float32Array(100).fill(3));
    gpu.submit((pass) => pass.run(scaleKernel, { x, y }, { count: 100, ...OPTIONS }));
    const first = gpu.read(y);
    gpu.submit((pass) => pass.run(scaleKernel, { x, y }, { count: 100, ...OPTIONS, shift: 5 }));
    const second = gpu.read(y);
    expect(await first).toEqual(new Float32Array(100).fill(5));
    expect(await second).toEqual(new Float32Array(100).fill(11));
  });

  test("dispatches, copies and zeroes of one pass run in order", async () => {
    using scope = gpu.scope();
    const [x, y, z] = [scope.f32("x", [70]), scope.f32("y", [70]), scope.f32("z", [70])];
    gpu.write(
      x,
      Float32Array.from({ length: 70 }, (_, i) => i),
    );
    const size = { count: 70, factor: 2, shift: 1 };
    gpu.submit((pass) => {
      pass.run(scaleKernel, { x, y }, size);
      pass.copy(y, x, { from: 10, to: 20, length: 5 });
      pass.run(scaleKernel, { x, y: z }, size);
      pass.zero(view(y, 64, [6]));
    });
    const [foundY, foundZ] = await gpu.readAll([y, z]);
    const expectedX = Array.from({ length: 70 }, (_, i) => (i >= 20 && i < 25 ? 2 * i - 19 : i));
    expect(Array.from(foundY!)).toEqual(
      Array.from({ length: 70 }, (_, i) => (i < 64 ? 2 * i + 1 : 0)),
    );
    expect(Array.from(foundZ!)).toEqual(expectedX.map((value) => 2 * value + 1));
  });

  test("a kernel reaches only the window it is given", async () => {
    using scope = gpu.scope();
    const x = scope.f32("x", [192]);
    const y = scope.f32("y", [192]);
    gpu.write(x, new Float32Array(192).fill(1));
    const window = (tensor: typeof x) => view(tensor, 64, [64]);
    gpu.submit((pass) =>
      pass.run(scaleKernel, { x: window(x), y: window(y) }, { count: 64, ...OPTIONS }),
    );
    expect(Array.from(await gpu.read(y))).toEqual(
      Array.from({ length: 192 }, (_, i) => (i >= 64 && i < 128 ? 1 : 0)),
    );
    expect(() => view(x, 3, [4])).toThrow("x: window at byte 12");
    expect(() => view(x, 128, [65])).toThrow("x: window past the end");
  });
});

describe("timing", () => {
  test("names each dispatch in order, and computes what submit does", async () => {
    if (!gpu.device.features.has("timestamp-query")) {
      console.error("skipped: this device has no timestamps");
      return;
    }
    using scope = gpu.scope();
    const [x, y] = [scope.f32("x", [64]), scope.f32("y", [64])];
    gpu.write(x, new Float32Array(64).fill(4));
    const timings = await gpu.time((pass) => {
      for (let i = 0; i < 3; i++) {
        pass.run(scaleKernel, { x, y }, { count: 64, ...OPTIONS, shift: i });
      }
    });
    expect(timings.map(({ kernel }) => kernel)).toEqual(Array(3).fill("scale-and-shift"));
    expect(timings.every(({ elapsedMs }) => elapsedMs >= 0 && elapsedMs < 60_000)).toBe(true);
    expect(await gpu.read(y)).toEqual(new Float32Array(64).fill(10));
  });
});

describe("a mistake names the kernel", () => {
  test("in WGSL", async () => {
    const broken = await open();
    using scope = broken.scope();
    const kernel = defineKernel({
      name: "broken-kernel",
      buffers: { x: "read", y: "write" },
      params: {},
      gpu: { source: "fn main() { nonsense }", workgroups: () => [1] },
    });
    const [x, y] = [scope.f32("x", [1]), scope.f32("y", [1])];
    const run = async () => {
      broken.submit((pass) => pass.run(kernel, { x, y }, {}));
      await broken.idle();
    };
    await expect(run()).rejects.toThrow("broken-kernel");
    // The first error stays: nothing computed after it can be trusted.
    await expect(broken.read(x)).rejects.toThrow("broken-kernel");
    broken.close();
  });

  test("in what it is given", () => {
    using scope = gpu.scope();
    const buffers = { x: scope.f32("x", [1]) } as unknown as Parameters<typeof run>[0];
    const run = (buffers: Record<"x" | "y", ReturnType<typeof scope.f32>>) =>
      gpu.submit((pass) => pass.run(scaleKernel, buffers, { count: 1, ...OPTIONS }));
    expect(() => run(buffers)).toThrow('scale-and-shift: no tensor for "y"');
  });

  test("in its parameters, which have 64 bytes", () => {
    const params = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`p${i}`, "u32"]));
    expect(() =>
      defineKernel({
        name: "greedy-kernel",
        buffers: {},
        params: params as Record<string, "u32">,
        gpu: { source: "", workgroups: () => [1] },
      }),
    ).toThrow("greedy-kernel: 68 bytes of parameters");
  });
});

test("a dispatch past the guaranteed 65,535 groups is folded, covering all of them", () => {
  expect(foldGroups([65_535])).toEqual([65_535, 1, 1]);
  for (const count of [65_536, 131_070, 131_071, 10_000_001]) {
    const [x, y] = foldGroups([count]);
    expect(x).toBeLessThanOrEqual(65_535);
    expect(x * y).toBeWithin(count, count + y);
  }
  expect(() => foldGroups([65_536, 2])).toThrow("only one-dimensional");
});
