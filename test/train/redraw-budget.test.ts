import { expect, test } from "bun:test";
import { runIn, smallConfig } from "../support/small-run.ts";
import { TemporaryDirectory } from "../support/temporary.ts";

test("groups are not redrawn any more when the run's tokens are used up", async () => {
  using temporary = new TemporaryDirectory();
  const dapo = ["algorithm.method=dapo", "algorithm.uniform_groups=redraw", "train.iterations=1"];
  const quick = [...dapo, "eval.episodes=1", "eval.beside=false"];
  const free = await runIn(temporary.file("free"), smallConfig(...quick));
  expect(free.rows[0]!.redraw_rounds).toBeGreaterThan(1);
  // The first plays of the iteration alone reach it.
  const budget = smallConfig(...quick, "train.token_budget=1");
  const bound = await runIn(temporary.file("bound"), budget);
  expect(bound.rows[0]!.redraw_rounds).toBe(0);
  expect(bound.rows[0]!.tokens_generated).toBeLessThan(free.rows[0]!.tokens_generated!);
}, 300_000);
