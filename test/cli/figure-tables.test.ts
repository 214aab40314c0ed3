import { expect, test } from "bun:test";
import { figureTables } from "../../src/cli/figure-tables.ts";
import type { World } from "../../src/env/env.ts";
import { kindsOf, scoresOf } from "../../src/train/by-kind.ts";
import { wilson } from "../../src/train/wilson.ts";

const world = {
  kindOf: (task: string) => task.split("/")[0],
  groups: { in_domain: ["hotpotqa"], out_of_domain: ["musique", "bamboogle"] },
} as unknown as World;

const PLAYED = [
  ["hotpotqa/1", true, { em: 1, f1: 1, searches: 2, supporting_recall: 1, tokens: 120 }],
  ["hotpotqa/2", false, { em: 0, f1: 0.5, searches: 4, supporting_recall: 0.5, tokens: 80 }],
  ["musique/1", false, { em: 0, f1: 0, searches: 1, tokens: 50 }],
] as const;

function evaluation() {
  const plans = PLAYED.map(([task]) => ({ name: task, task }));
  const played = PLAYED.map(([episode, success, scores]) => ({ episode, success, scores }));
  const all = { episodes: 3, success_rate: 1 / 3, ci95: wilson(1, 3) };
  return { ...all, ...kindsOf(world, plans, played), ...scoresOf(played) };
}

test("means and intervals by figure, over episodes, over kinds and by kind", () => {
  expect(`\n${figureTables(evaluation()).join("\n")}\n`).toMatchInlineSnapshot(`
    "

                             success            em                 f1                  searches
      episodes               0.33 [0.06, 0.79]  0.33 [0.06, 0.79]  0.50 [-0.07, 1.07]  2.33 [0.60, 4.06]
      mean of all            0.25 [0.05, 0.70]  0.25 [0.05, 0.70]  0.38 [0.13, 0.84]   2.00 [0.94, 2.98]
      mean of in_domain      0.50 [0.09, 0.91]  0.50 [0.09, 0.91]  0.75 [0.26, 1.24]   3.00 [1.04, 4.96]
      mean of out_of_domain  0.00 [0.00, 0.79]  0.00 [0.00, 0.79]  0.00 [0.00, 0.79]   1.00 [0.21, 1.00]
      hotpotqa               0.50 [0.09, 0.91]  0.50 [0.09, 0.91]  0.75 [0.26, 1.24]   3.00 [1.04, 4.96]
      musique                0.00 [0.00, 0.79]  0.00 [0.00, 0.79]  0.00 [0.00, 0.79]   1.00 [0.21, 1.00]

                             supporting_recall  tokens
      episodes               0.75 [0.26, 1.24]  83 [44, 123]
      mean of all            0.75 [0.26, 1.24]  75 [55, 95]
      mean of in_domain      0.75 [0.26, 1.24]  100 [61, 139]
      mean of out_of_domain  –                  50 [50, 50]
      hotpotqa               0.75 [0.26, 1.24]  100 [61, 139]
      musique                –                  50 [50, 50]
    "
  `);
});

test("groups are means over the kinds that were played, each counting the same", () => {
  const { macro = {}, scores = {} } = evaluation();
  expect(scores.f1!.mean).toBeCloseTo(0.5, 12);
  expect(macro.all!.scores!.f1!.mean).toBeCloseTo((0.75 + 0) / 2, 12);
  expect(macro.all!.kinds).toEqual(["hotpotqa", "musique"]);
  expect(macro.out_of_domain!.kinds).toEqual(["musique"]);
  expect(macro.in_domain!.success.mean).toBe(0.5);
});

test("a world that tells nothing has no table", () => {
  const { scores: _, ...untold } = evaluation();
  expect(figureTables(untold)).toEqual([]);
});
