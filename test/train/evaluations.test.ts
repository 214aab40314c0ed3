import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { remains, runIn, smallConfig } from "../support/small-run.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

const iterationsOf = (path: string) =>
  readFileSync(join(path, "eval.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ beside }) => beside !== true)
    .map(({ iteration }) => iteration);

const FIVE = ["train.iterations=5", "eval.episodes=1", "eval.beside=false", "eval.every=1"];

test("evaluations by tokens follow the iteration that passes each multiple, whatever `every` says", async () => {
  using temporary = new TemporaryDirectory();
  const every = 120;
  const config = smallConfig(...FIVE, `eval.every_tokens=${every}`);
  const whole = temporary.file("whole");
  const { rows } = await runIn(whole, config);
  const passed = (tokens: number | undefined) => Math.floor((tokens ?? 0) / every);
  const due = rows.filter(
    ({ iteration, tokens_total }, i) =>
      iteration === 5 || passed(tokens_total) > passed(rows[i - 1]?.tokens_total),
  );
  // Some iterations pass one and some do not, or nothing is shown.
  expect(due.length).toBeGreaterThan(1);
  expect(due.length).toBeLessThan(5);
  expect(iterationsOf(whole)).toEqual([0, ...due.map(({ iteration }) => iteration)]);

  const cut = temporary.file("cut");
  const watch = {
    iteration: (at: number, stop: AbortController) => at === due[0]!.iteration! && stop.abort(),
  };
  expect((await runIn(cut, config, { watch })).result.end).toBe("interrupted");
  await runIn(cut, config, { resume: true });
  expect(remains(cut)).toEqual(remains(whole));
}, 300_000);
