import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { chooseForm, type Kernel } from "../src/gpu/kernel.ts";
import { defineAttention } from "../src/ops/transformer/attention.ts";
import { nullGpu } from "./support/device.ts";

const ROOT = join(import.meta.dir, "..");

/** Every kernel that a module of src/ops exports, and those it makes for a model's shape. */
async function allKernels(): Promise<Kernel[]> {
  const kernels: Kernel[] = [];
  for (const file of new Glob("src/ops/**/*.ts").scanSync(ROOT)) {
    const module: Record<string, unknown> = await import(join(ROOT, file));
    kernels.push(...kernelsIn(module));
  }
  for (const headDim of [32, 64, 128]) {
    const shape = { heads: 14, keyHeads: 2, headDim };
    kernels.push(...kernelsIn(defineAttention(shape)));
  }
  return kernels;
}

/** Kernels among the values of an object, and in tables of kernels. */
function kernelsIn(value: unknown): Kernel[] {
  if (isKernel(value)) return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(kernelsIn) : [];
}

function isKernel(value: unknown): value is Kernel {
  return typeof value === "object" && value !== null && "buffers" in value && "gpu" in value;
}

/** The opening comment tells whose source it is: specialization only touches what comes after. */
const heading = (source: string) => source.split(/^(?:const|override|struct|@)/m)[0]!;

/** Names and types of `struct Params`, in order. */
function paramsOf(source: string): Record<string, string> {
  const body = /struct Params \{([^}]*)\}/.exec(source)?.[1] ?? "";
  return Object.fromEntries(
    [...body.matchAll(/(\w+): (\w+)/g)].map(([, name, type]) => [name, type]),
  );
}

/** Binding number, access and name of each storage buffer, in order of appearance. */
function bindingsOf(source: string): string[] {
  const pattern = /@group\(0\) @binding\((\d+)\) var<storage, (\w+)> (\w+):/g;
  return [...source.matchAll(pattern)].map(
    ([, index, access, name]) => `${index} ${access} ${name}`,
  );
}

const kernels = await allKernels();
const files = [...new Glob("shaders/**/*.wgsl").scanSync(ROOT)].filter(
  (file) => !file.startsWith("shaders/lib/"),
);

test.each(files)("%s belongs to a kernel", (file) => {
  const own = heading(readFileSync(join(ROOT, file), "utf8"));
  const sources = kernels.flatMap(({ gpu, software }) => [gpu, software ?? gpu]);
  expect(sources.some(({ source }) => heading(source) === own)).toBe(true);
});

test("kernel names are unique", () => {
  const names = kernels.map(({ name }) => name);
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
});

describe.each(["gpu", "software"] as const)("%s form", (form) => {
  const cases = kernels.map((kernel) => [kernel.name, kernel] as const);

  test.each(cases)("%s agrees with its TypeScript declaration", (_, kernel) => {
    const { source } = chooseForm(kernel, form === "software");
    expect(Object.entries(paramsOf(source))).toEqual(Object.entries(kernel.params));
    expect(bindingsOf(source)).toEqual(
      Object.entries(kernel.buffers).map(
        ([name, access], i) => `${i} ${access === "read" ? "read" : "read_write"} ${name}`,
      ),
    );
  });

  test.each(cases)("%s compiles without a word", async (_, kernel) => {
    const gpu = await nullGpu(form);
    const { source, lib = [] } = chooseForm(kernel, form === "software");
    const module = gpu.device.createShaderModule({ code: [source, ...lib].join("\n") });
    const { messages } = await module.getCompilationInfo();
    expect(messages.map(({ lineNum, message }) => `${lineNum}: ${message}`)).toEqual([]);
    await gpu.warm((pass) => pass.run(kernel, {}, {}));
  });
});
