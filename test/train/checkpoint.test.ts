import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readModelDirectory } from "../../src/model/directory.ts";
import { parameterLayout } from "../../src/model/layout.ts";
import { type HostTensors, hostTensors, type NamedTensor } from "../../src/model/tensor-source.ts";
import { readLatestCheckpoint, readMoments, writeCheckpoint } from "../../src/train/checkpoint.ts";
import { TemporaryDirectory } from "../support/temporary.ts";
import { readAll, type TinyModel, tinyModel, writeTiny } from "../support/tiny-model.ts";

/** A number for every place of every tensor. */
function numbersFor(model: TinyModel, numberAt: (i: number) => number): HostTensors {
  let i = 0;
  const numbers = (length: number) => Float32Array.from({ length }, () => numberAt(i++));
  return new Map([...model.tensors].map(([name, { length }]) => [name, numbers(length)]));
}

function named(model: TinyModel, prefix: string, tensors: HostTensors): NamedTensor[] {
  const all = hostTensors(model.config, tensors);
  return all.map((tensor) => ({ ...tensor, name: `${prefix}${tensor.name}` }));
}

function checkpointAt(iteration: number, model = tinyModel()) {
  const m = numbersFor(model, (i) => (i + iteration) / 3);
  const v = numbersFor(model, (i) => 1e-12 / (i + 1));
  const moments = [...named(model, "m.", m), ...named(model, "v.", v)];
  const state = { seed: 3, counters: [iteration, 0.1] };
  return { iteration, moments, state, writeModel: (path: string) => writeTiny(path, model), m, v };
}

async function writeAll(run: TemporaryDirectory, iterations: readonly number[], keep = 9) {
  for (const iteration of iterations)
    await writeCheckpoint(run.path, checkpointAt(iteration), keep);
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

test("a checkpoint comes back bit for bit", async () => {
  using run = new TemporaryDirectory();
  const { iteration, state, m, v } = checkpointAt(12);
  const path = await writeCheckpoint(run.path, checkpointAt(12), 1);
  expect(path).toBe(inside(run, "000012"));
  expect(readLatestCheckpoint(run.path)).toEqual({ iteration, state, path, notes: [] });
  expect(readAll(readModelDirectory(path))).toEqual(tinyModel().tensors);
  const layout = parameterLayout(tinyModel().config);
  for (const [prefix, moments] of [["m.", m] as const, ["v.", v] as const]) {
    const source = readMoments(path, layout, prefix);
    for (const [name, values] of moments) {
      expect(source.read(name, 0, values.length)).toEqual(values);
    }
  }
});

test("moments of another model are refused by name", async () => {
  using run = new TemporaryDirectory();
  const path = await writeCheckpoint(run.path, checkpointAt(1), 1);
  const other = parameterLayout(tinyModel({ layers: 3 }).config);
  expect(() => readMoments(path, other, "m.")).toThrow(
    '"m.model.layers.2.self_attn.q_proj.weight"',
  );
  const wider = parameterLayout(tinyModel({ vocabulary: 5 }).config);
  expect(() => readMoments(path, wider, "v.")).toThrow(
    "is (3, 12), the run's model asks for (5, 12)",
  );
});

test("a run without checkpoints has none", () => {
  using run = new TemporaryDirectory();
  expect(readLatestCheckpoint(run.path)).toBeUndefined();
  mkdirSync(inside(run));
  expect(readLatestCheckpoint(run.path)).toBeUndefined();
});

test("the newest are kept and `latest` names the last, past a million iterations too", async () => {
  using run = new TemporaryDirectory();
  await writeAll(run, [8, 9, 10], 2);
  expect(names(run)).toEqual(["000009", "000010", "latest"]);
  expect(latest(run)).toBe("000010\n");
  await writeAll(run, [999_999, 1_000_000], 2);
  expect(readLatestCheckpoint(run.path)?.iteration).toBe(1_000_000);
  expect(names(run)).toEqual(["1000000", "999999", "latest"]);
});

test("equal checkpoints are equal files", async () => {
  using a = new TemporaryDirectory();
  using b = new TemporaryDirectory();
  for (const run of [a, b]) await writeAll(run, [3]);
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
  ])("%s: one bit, or gone", async (file) => {
    using run = new TemporaryDirectory();
    await writeAll(run, [4, 5]);
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
  ])("checksums.json: %p", async (text, reason) => {
    using run = new TemporaryDirectory();
    await writeAll(run, [4, 5]);
    writeFileSync(inside(run, "000005", "checksums.json"), text);
    expect(readLatestCheckpoint(run.path)).toMatchObject({ iteration: 4 });
    expect(readLatestCheckpoint(run.path)?.notes[0]).toContain(reason);
  });

  test("when none is whole, training does not start over without a word", async () => {
    using run = new TemporaryDirectory();
    await writeAll(run, [4]);
    damage(run, "000004");
    expect(() => readLatestCheckpoint(run.path)).toThrow("no checkpoint is whole: ");
  });
});

describe("a process that was killed", () => {
  test("while writing leaves nothing that counts, and the next one clears it away", async () => {
    using run = new TemporaryDirectory();
    await writeAll(run, [4]);
    mkdirSync(inside(run, ".000005.partial"));
    writeFileSync(inside(run, ".000005.partial", "config.json"), "{");
    expect(readLatestCheckpoint(run.path)).toMatchObject({ iteration: 4, notes: [] });
    await writeAll(run, [5]);
    expect(names(run)).toEqual(["000004", "000005", "latest"]);
  });

  test("while replacing a checkpoint by one of the same iteration loses neither", async () => {
    using run = new TemporaryDirectory();
    await writeAll(run, [5]);
    renameSync(inside(run, "000005"), inside(run, "000005.replaced"));
    expect(readLatestCheckpoint(run.path)).toMatchObject({ iteration: 5, notes: [] });
    await writeAll(run, [5]);
    await writeAll(run, [5]);
    expect(readLatestCheckpoint(run.path)).toMatchObject({ iteration: 5, notes: [] });
    await writeAll(run, [6], 1);
    expect(names(run)).toEqual(["000006", "latest"]);
  });
});

test("a damaged checkpoint of a later iteration gives way; a whole one is not lost", async () => {
  using run = new TemporaryDirectory();
  await writeAll(run, [4, 6]);
  await expect(writeAll(run, [5])).rejects.toThrow(
    "a checkpoint of iteration 6 is there, this is 5",
  );
  expect(names(run)).toEqual(["000004", "000006", "latest"]);
  damage(run, "000006");
  await writeAll(run, [5], 1);
  expect(names(run)).toEqual(["000005", "latest"]);
  expect(latest(run)).toBe("000005\n");
});

describe("what cannot be written leaves the earlier checkpoint as it was", () => {
  test("a number that JSON does not know", async () => {
    using run = new TemporaryDirectory();
    await writeAll(run, [4], 1);
    const bad = { ...checkpointAt(5), state: { loss: Number.NaN } };
    await expect(writeCheckpoint(run.path, bad, 1)).rejects.toThrow('NaN in "loss"');
    expect(names(run)).toEqual(["000004", "latest"]);
    expect(readLatestCheckpoint(run.path)).toMatchObject({ iteration: 4, notes: [] });
  });

  test("weights that are not finite", async () => {
    using run = new TemporaryDirectory();
    await writeAll(run, [4], 1);
    const model = tinyModel();
    model.tensors.get("model.norm.weight")![0] = Number.POSITIVE_INFINITY;
    const write = writeCheckpoint(run.path, checkpointAt(5, model), 1);
    await expect(write).rejects.toThrow(
      'not written: "model.norm.weight" holds Infinity at element 0',
    );
    expect(names(run)).toEqual(["000004", "latest"]);
  });

  test("no room: the system refuses in the middle of a file", async () => {
    using run = new TemporaryDirectory();
    await writeAll(run, [4], 1);
    const root = join(import.meta.dir, "../..");
    const script = run.file(
      "write.ts",
      `import { writeCheckpoint } from "${root}/src/train/checkpoint.ts";
       import { tinyModel, writeTiny } from "${root}/test/support/tiny-model.ts";
       const model = tinyModel({ vocabulary: 2000 });
       const writeModel = (path) => writeTiny(path, model);
       try {
         await writeCheckpoint("${run.path}", { iteration: 5, moments: [], state: {}, writeModel }, 1);
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

  test("a directory that cannot be made is the caller's mistake", async () => {
    using run = new TemporaryDirectory();
    run.file("checkpoints", "a file");
    const write = () => writeCheckpoint(run.path, checkpointAt(1), 1);
    await expect(write()).rejects.toThrow(expect.objectContaining({ name: "UserError" }));
    await expect(write()).rejects.toThrow("cannot write");
  });
});
