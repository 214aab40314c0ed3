import { expect, test } from "bun:test";
import { type Benchmark, compareSampled } from "../../bench/benchmark.ts";
import { chooseBenchmarks, SUITES } from "../../bench/catalog.ts";
import { isSlower, makeReport, readBaseline } from "../../bench/report.ts";
import type { Roofline } from "../../bench/roofline.ts";
import { type Row, runBenchmark } from "../../bench/suite.ts";
import { testGpu } from "../support/device.ts";
import { runCli } from "../support/run-cli.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const ROOFLINE: Roofline = { bytesPerSecond: 1e9, flopsPerSecond: 1e9 };

/** One second per run, said rather than taken. */
function pretend(problem: string | undefined, ran: () => void = () => {}): Benchmark {
  const run = async () => {
    ran();
    return 1000;
  };
  const prepare = () => ({ check: async () => problem, work: { run, tokens: 50 } });
  return { name: "pretend", shape: "1", bytes: 2e8, flops: 5e8, prepare };
}

test("a row has the median, both rates, and the share of the nearer limit", async () => {
  expect(await runBenchmark(await testGpu(), pretend(undefined), ROOFLINE)).toEqual({
    name: "pretend",
    shape: "1",
    ms: 1000,
    bytes: 2e8,
    flops: 5e8,
    gb_per_s: 0.2,
    tflops: 0.0005,
    share: 0.5,
    tokens_per_s: 50,
  });
});

test("a benchmark with wrong results is reported and never timed", async () => {
  let runs = 0;
  const wrong = pretend("y[3] is 1, expected 2", () => runs++);
  const result = await runBenchmark(await testGpu(), wrong, ROOFLINE);
  expect(result).toEqual({ name: "pretend", shape: "1", problem: "y[3] is 1, expected 2" });
  expect(runs).toBe(0);
  const report = makeReport("adapter", ROOFLINE, [result]);
  expect(report.rows).toEqual([]);
  expect(report.failures).toHaveLength(1);
});

test("comparing sampled outputs finds a wrong number, NaN included", async () => {
  const gpu = await testGpu();
  using scope = gpu.scope();
  const of = scope.f32("y", [4]);
  const compare = (values: number[]) => {
    gpu.write(of, Float32Array.from(values));
    return compareSampled(gpu, () => {}, [{ of, at: (i) => i, tolerance: 1e-6 }]);
  };
  expect(await compare([0, 1, 2, 3])).toBeUndefined();
  expect(await compare([0, 1, 2, 4])).toBe("y[3] is 4, expected 3");
  expect(await compare([Number.NaN, 1, 2, 3])).toBe("y[0] is NaN, expected 0");
});

test("no two rows have the same name and shape", () => {
  for (const size of ["software", "gpu"] as const) {
    const keys = SUITES.flatMap((suite) => suite.plan(size)).map((b) => `${b.name} ${b.shape}`);
    expect(new Set(keys).size).toBe(keys.length);
  }
});

test("a name chooses the rows of a file, or those with that name", () => {
  const namesOf = (name: string) => chooseBenchmarks([name], "software").map((b) => b.name);
  expect(namesOf("optimizer")).toEqual(["grad-norm", "adamw"]);
  expect(namesOf("adamw")).toEqual(["adamw"]);
});

test("an unknown name is a mistake that names the nearest", async () => {
  const { code, notes } = await runCli(["bench", "tokn-entropy"]);
  expect(code).toBe(2);
  expect(notes).toContain('did you mean "token-entropy"?');
});

test("only more than 15 % above the earlier time is slower", () => {
  const row = { ms: 1.15 } as Row;
  expect(isSlower(row, 1)).toBe(false);
  expect(isSlower(row, 0.99)).toBe(true);
  expect(isSlower(row, undefined)).toBe(false);
});

test("an earlier report is read from JSON, or from the last line of the text; anything else is refused", async () => {
  using directory = new TemporaryDirectory();
  const path = `${directory.path}/earlier.json`;
  const report = JSON.stringify({ rows: [{ name: "adamw", shape: "5", ms: 2 }] });
  for (const text of [report, `adamw 5   2 ms\n${report}\n`]) {
    await Bun.write(path, text);
    expect([...(await readBaseline(path))]).toEqual([["adamw 5", 2]]);
  }
  await Bun.write(path, "{}");
  await expect(readBaseline(path)).rejects.toThrow("no report of empg bench");
});
