import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parameterLayout } from "../../src/model/layout.ts";
import { readLatestCheckpoint, writeCheckpoint } from "../../src/train/checkpoint.ts";
import { TemporaryDirectory } from "../support/temporary.ts";
import { tinyModel } from "../support/tiny-model.ts";

function checkpointAt(iteration: number) {
  const model = tinyModel();
  const { length } = parameterLayout(model.config);
  const m = Float32Array.from({ length }, (_, i) => (i + iteration) / 3);
  const v = Float32Array.from({ length }, (_, i) => 1e-12 / (i + 1));
  return { ...model, iteration, m, v, state: { seed: 3, counters: [iteration, 0.1] } };
}

function writeAll(run: TemporaryDirectory, iterations: readonly number[], keep = 9): void {
  for (const iteration of iterations) writeCheckpoint(run.path, checkpointAt(iteration), keep);
}

const inside = (run: TemporaryDirectory, ...path: string[]) =>
  join(run.path, "checkpoints", ...path);
const names = (run: TemporaryDirectory) => readdirSync(inside(run)).sort();
const latest = (run: TemporaryDirectory) => readFileSync(inside(run, "latest"), "utf8");

function damage(run: TemporaryDirectory, checkpoint: string, file = "optimizer.safetensors") {
  const path = inside(run, checkpoint, file);
  const bytes = readFileSync(path);
  bytes[bytes.length - 5]! ^= 1;
  writeFileSync(path, bytes);
}

test("a checkpoint comes back bit for bit", () => {
  using run = new TemporaryDirectory();
  const { tokens: _, ...written } = checkpointAt(12);
  const path = writeCheckpoint(run.path, checkpointAt(12), 1);
  expect(path).toBe(inside(run, "000012"));
  expect(readLatestCheckpoint(run.path)).toMatchObject({ ...written, path, notes: [] });
});

test("a run without checkpoints has none", () => {
  using run = new TemporaryDirectory();
  expect(readLatestCheckpoint(run.path)).toBeUndefined();
  mkdirSync(inside(run));
  expect(readLatestCheckpoint(run.path)).toBeUndefined();
});

test("the newest are kept and `latest` names the last, past a million iterations too", () => {
  using run = new TemporaryDirectory();
  writeAll(run, [8, 9, 10], 2);
  expect(names(run)).toEqual(["000009", "000010", "latest"]);
  expect(latest(run)).toBe("000010\n");
  writeAll(run, [999_999, 1_000_000], 2);
  expect(readLatestCheckpoint(run.path)?.iteration).toBe(1_000_000);
  expect(names(run)).toEqual(["1000000", "999999", "latest"]);
});

test("equal checkpoints are equal files", () => {
  using a = new TemporaryDirectory();
  using b = new TemporaryDirectory();
  for (const run of [a, b]) writeAll(run, [3]);
  for (const file of readdirSync(inside(a, "000003"))) {
    const [first, second] = [a, b].map((run) => readFileSync(inside(run, "000003", file)));
    expect(first).toEqual(second!);
  }
});

describe("a damaged checkpoint is passed over and named", () => {
  test.each([
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "generation_config.json",
    "optimizer.safetensors",
    "state.json",
  ])("%s: one bit, or gone", (file) => {
    using run = new TemporaryDirectory();
    writeAll(run, [4, 5]);
    damage(run, "000005", file);
    const found = readLatestCheckpoint(run.path);
    expect(found?.iteration).toBe(4);
    expect(found?.notes).toEqual([
      `${inside(run, "000005")}: ${file} does not have its checksum; going on from ${inside(run, "000004")}`,
    ]);
    rmSync(inside(run, "000005", file));
    expect(readLatestCheckpoint(run.path)?.notes[0]).toContain(`${file} is missing`);
  });

  test.each([
    ["", "cannot be read"],
    ["{}", "config.json does not have its checksum"],
    ['{"../../x": "0"}', "cannot be read"],
  ])("checksums.json: %p", (text, reason) => {
    using run = new TemporaryDirectory();
    writeAll(run, [4, 5]);
    writeFileSync(inside(run, "000005", "checksums.json"), text);
    expect(readLatestCheckpoint(run.path)).toMatchObject({ iteration: 4 });
    expect(readLatestCheckpoint(run.path)?.notes[0]).toContain(reason);
  });

  test("when none is whole, training does not start over without a word", () => {
    using run = new TemporaryDirectory();
    writeAll(run, [4]);
    damage(run, "000004");
    expect(() => readLatestCheckpoint(run.path)).toThrow("no checkpoint is whole: ");
  });
});

describe("a process that was killed", () => {
  test("while writing leaves nothing that counts, and the next one clears it away", () => {
    using run = new TemporaryDirectory();
    writeAll(run, [4]);
    mkdirSync(inside(run, ".000005.partial"));
    writeFileSync(inside(run, ".000005.partial", "config.json"), "{");
    expect(readLatestCheckpoint(run.path)).toMatchObject({ iteration: 4, notes: [] });
    writeAll(run, [5]);
    expect(names(run)).toEqual(["000004", "000005", "latest"]);
  });

  test("while replacing a checkpoint by one of the same iteration loses neither", () => {
    using run = new TemporaryDirectory();
    writeAll(run, [5]);
    renameSync(inside(run, "000005"), inside(run, "000005.replaced"));
    expect(readLatestCheckpoint(run.path)).toMatchObject({ iteration: 5, notes: [] });
    writeAll(run, [5]);
    writeAll(run, [5]);
    expect(readLatestCheckpoint(run.path)).toMatchObject({ iteration: 5, notes: [] });
    writeAll(run, [6], 1);
    expect(names(run)).toEqual(["000006", "latest"]);
  });
});

test("a damaged checkpoint of a later iteration gives way; a whole one is not lost", () => {
  using run = new TemporaryDirectory();
  writeAll(run, [4, 6]);
  expect(() => writeAll(run, [5])).toThrow("a checkpoint of iteration 6 is there, this is 5");
  expect(names(run)).toEqual(["000004", "000006", "latest"]);
  damage(run, "000006");
  writeAll(run, [5], 1);
  expect(names(run)).toEqual(["000005", "latest"]);
  expect(latest(run)).toBe("000005\n");
});

describe("what cannot be written leaves the earlier checkpoint as it was", () => {
  test("a number that JSON does not know", () => {
    using run = new TemporaryDirectory();
    writeAll(run, [4], 1);
    const bad = { ...checkpointAt(5), state: { loss: Number.NaN } };
    expect(() => writeCheckpoint(run.path, bad, 1)).toThrow('NaN in "loss"');
    expect(names(run)).toEqual(["000004", "latest"]);
    expect(readLatestCheckpoint(run.path)).toMatchObject({ iteration: 4, notes: [] });
  });

  test("weights that are not finite", () => {
    using run = new TemporaryDirectory();
    writeAll(run, [4], 1);
    const bad = checkpointAt(5);
    bad.values[0] = Number.POSITIVE_INFINITY;
    expect(() => writeCheckpoint(run.path, bad, 1)).toThrow("not written: ");
    expect(names(run)).toEqual(["000004", "latest"]);
  });

  test("no room: the system refuses in the middle of a file", async () => {
    using run = new TemporaryDirectory();
    writeAll(run, [4], 1);
    const root = join(import.meta.dir, "../..");
    const script = run.file(
      "write.ts",
      `import { writeCheckpoint } from "${root}/src/train/checkpoint.ts";
       import { tinyModel } from "${root}/test/support/tiny-model.ts";
       const model = tinyModel({ vocabulary: 2000 });
       const m = new Float32Array(model.values.length);
       try {
         writeCheckpoint("${run.path}", { ...model, iteration: 5, m, v: m, state: {} }, 1);
       } catch (error) { console.log(error.message); }`,
    );
    // The limit on the size of files (in KiB) fails a write half way, as a full disk does.
    const command = `ulimit -f 64; trap "" XFSZ; exec "$@"`;
    const child = Bun.spawn(["bash", "-c", command, "bash", process.execPath, script], {
      stdout: "pipe",
      stderr: "inherit",
    });
    expect(await child.stdout.text()).toContain("cannot write: ");
    expect(names(run)).toEqual(["000004", "latest"]);
    expect(readLatestCheckpoint(run.path)).toMatchObject({ iteration: 4, notes: [] });
  });

  test("a directory that cannot be made is the caller's mistake", () => {
    using run = new TemporaryDirectory();
    run.file("checkpoints", "a file");
    const write = () => writeCheckpoint(run.path, checkpointAt(1), 1);
    expect(write).toThrow(expect.objectContaining({ name: "UserError" }));
    expect(write).toThrow("cannot write");
  });
});
