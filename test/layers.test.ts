import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** A file imports from its own folder or from folders earlier in this list, types included. */
const LAYERS: readonly string[] = [
  ...["core", "text", "retrieval", "env", "report", "gpu", "distributed"],
  ...["ops", "model", "algorithm", "rollout", "train", "cli"],
];
/** Makes the program and is no part of it. */
const OUTSIDE = "build";

const SOURCE = join(import.meta.dir, "../src");

/** What a text imports by a relative path; `import type` and `import("…")` count, packages do not. */
function relativeImports(text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g);
  return Array.from(found, ([, path]) => path!);
}

/** The imports of `file` (a path below src) that do not point downward. */
function upwardImports(file: string, text: string): string[] {
  const own = LAYERS.indexOf(file.split("/")[0]!);
  return relativeImports(text).filter((path) => {
    const target = join(dirname(file), path);
    // Shaders and other files beside src are nobody's layer.
    if (target.startsWith("..")) return false;
    const layer = LAYERS.indexOf(target.split("/")[0]!);
    return layer < 0 || layer > own;
  });
}

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.startsWith(`${OUTSIDE}/`))
  .sort();

test("every folder of src is in the list", () => {
  const folders = new Set(files.map((file) => file.split("/")[0]!));
  expect([...folders].filter((folder) => !LAYERS.includes(folder))).toEqual([]);
  expect(folders.size).toBeGreaterThan(5);
});

test("imports point downward", () => {
  const offenders = files.flatMap((file) =>
    upwardImports(file, readFileSync(join(SOURCE, file), "utf8")).map(
      (path) => `${file} imports ${relative(".", join(dirname(file), path))}`,
    ),
  );
  expect(offenders).toEqual([]);
});

describe("an upward import is found", () => {
  test.each([
    ["a value", `import { run } from "../train/run.ts";`],
    ["a type", `import type { Run } from "../train/run.ts";`],
    ["over several lines", `import {\n  run,\n} from "../train/run.ts";`],
    ["an export", `export { run } from "../train/run.ts";`],
    ["for its effects", `import "../train/run.ts";`],
    ["a type in place", `type Run = import("../train/run.ts").Run;`],
    ["of what is outside", `import { build } from "../build/build.ts";`],
  ])("%s", (_, text) => {
    expect(upwardImports("model/model.ts", text)).toHaveLength(1);
  });
});

test("own folder, earlier folders, shaders and packages may be imported", () => {
  const text = [
    `import { a } from "./layout.ts";`,
    `import { b } from "../ops/entropy.ts";`,
    `import source from "../../shaders/lib/random.wgsl" with { type: "text" };`,
    `import { z } from "zod";`,
  ].join("\n");
  expect(upwardImports("model/model.ts", text)).toEqual([]);
});
