import { expect, test } from "bun:test";
import { armsOfRuns } from "../../src/report/arms.ts";
import { besideFigures } from "../../src/report/beside-figures.ts";
import { evaluation, metrics, runConfig, writeRun } from "../support/report-runs.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

test("each kind of side figure goes from the first of its runs to the last, unfinished runs without an end", () => {
  using temporary = new TemporaryDirectory();
  const beside = (at: number, wins: number, more: object) =>
    evaluation(at, { a: [wins, 4] }, { beside: true, ...more });
  const sharp = { temperature: 0.4 };
  const training = { split: "train" };
  const paths = [
    [
      evaluation(0, { a: [4, 4] }),
      beside(0, 0, sharp),
      beside(0, 1, training),
      beside(30, 3, sharp),
    ],
    [beside(0, 2, sharp)],
  ].map((evaluations, seed) =>
    writeRun(temporary.file(`${seed}`), {
      ...{ config: runConfig({ seed }), metrics: [metrics(30)], evaluations },
    }),
  );
  expect(besideFigures(armsOfRuns(paths).arms)).toEqual({
    kinds: ["heldout, temperature 0.4", "train, temperature 1"],
    rows: [["25.0 → 75.0", "25.0 → –"]],
  });
});
