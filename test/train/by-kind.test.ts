import { expect, test } from "bun:test";
import { openWorld } from "../../src/env/worlds.ts";
import { byKind } from "../../src/train/by-kind.ts";
import { byTask } from "../../src/train/evaluate.ts";
import { wilson } from "../../src/train/wilson.ts";

test("success by kind counts each episode under its task's kind", async () => {
  const world = await openWorld("alfworld");
  const tasks = ["kitchen-1/heat/1", "kitchen-1/pick/1", "kitchen-2/heat/1", "kitchen-3/heat/1"];
  const plans = tasks.map((task, i) => ({ name: `eval/train/${i}`, task }));
  // The last episode had a fault: it was planned and is not among those played.
  const played = [true, false, false].map((success, i) => ({
    episode: `eval/train/${i}`,
    success,
  }));
  expect(byKind(world, plans, played)).toEqual({
    Heat: { episodes: 2, success_rate: 0.5, ci95: wilson(1, 2) },
    Pick: { episodes: 1, success_rate: 0, ci95: wilson(0, 1) },
  });
});

test("success by task counts each episode under its task, and none that had a fault", () => {
  const tasks = ["b", "b", "a", "a", "c"];
  const plans = tasks.map((task, i) => ({ name: `eval/test/${i}`, task }));
  const played = [true, false, true, true].map((success, i) => ({
    episode: `eval/test/${i}`,
    success,
  }));
  const found = byTask(plans, played);
  expect(found).toEqual({ b: [1, 2], a: [2, 2] });
  expect(Object.keys(found)).toEqual(["b", "a"]);
});
