import { expect, test } from "bun:test";
import { armsOfRuns } from "../../src/report/arms.ts";
import { curveCharts, interpolated } from "../../src/report/curves.ts";
import { evaluation, metrics, runConfig, writeRun } from "../support/report-runs.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

test("between two points a run lies on the straight line, beyond its ends it is nowhere", () => {
  const points = [
    [0, 10],
    [4, 30],
    [6, 20],
  ] as const;
  expect(interpolated(points, [-1, 0, 1, 4, 5, 6, 7])).toEqual([
    [0, 10],
    [1, 15],
    [4, 30],
    [5, 25],
    [6, 20],
  ]);
});

/** Charts of three runs of one arm; each generates 1000 tokens an iteration and ends with another iteration. */
function charts(directory: TemporaryDirectory, kl: number | undefined) {
  const paths = [2, 3, 4].map((last, seed) => {
    const config = runConfig({ seed });
    const algorithm = { method: "grpo", ...(kl === undefined ? {} : { kl_coefficient: kl }) };
    const at = Array.from({ length: last }, (_, i) => i + 1);
    return writeRun(directory.file(`run-${seed}`), {
      config: { ...config, algorithm },
      metrics: at.map((iteration) => metrics(iteration, { reward_mean: seed })),
      evaluations: [0, last].map((iteration) => evaluation(iteration, { a: [iteration, 4] })),
    });
  });
  const found = curveCharts(armsOfRuns(paths).arms);
  return (title: string) => found.find((chart) => chart.title === title);
}

test("success stands over tokens, as the mean of the runs that cover a place, and ends where half of them did", () => {
  using directory = new TemporaryDirectory();
  const chart = charts(directory, undefined)("Success at evaluations")!;
  expect(chart.over).toBe("tokens");
  // All three lie on 25 % per 1000 tokens; the third goes on alone to 4000.
  expect(chart.arms[0]).toMatchObject({ x: [0, 2000, 3000], runs: [3, 3, 2], mean: [0, 50, 75] });
});

test("each mean of an iteration says of how many runs it is", () => {
  using directory = new TemporaryDirectory();
  const chart = charts(directory, undefined)("Reward")!;
  expect(chart.arms[0]).toMatchObject({
    x: [1, 2, 3, 4],
    runs: [3, 3, 2, 1],
    mean: [1, 1, 1.5, 2],
  });
});

test("KL to the reference is drawn where it is part of the loss alone", () => {
  using directory = new TemporaryDirectory();
  expect(charts(directory, 0)("KL to the reference")).toBeUndefined();
  expect(charts(directory, 0.01)("KL to the reference")?.arms[0]?.x).toEqual([1, 2, 3, 4]);
});
