/** What stands below the comparison table: how to read it, and what is not as it should be with its runs. */

import { formatCount } from "../core/format.ts";
import type { ArmRow } from "./arm-row.ts";
import type { ComparisonTable } from "./comparison.ts";
import { percent } from "./comparison-cells.ts";

/** A sentence a line. */
export function tableNotes(table: ComparisonTable): string[] {
  const { target, replicates, tasks, evaluations, token_budget: budget } = table;
  const first = table.arms[0]!.name;
  const notes = [
    `Success in %. Brackets are 95 % intervals of a percentile bootstrap (${formatCount(replicates)} replicates) ` +
      (tasks > 1
        ? `that draws seeds and the ${tasks} tasks independently, the same tasks for all seeds.`
        : "over seeds alone: these runs did not write down how each task went."),
    "With few seeds such intervals are too narrow; with one, they say nothing about seeds.",
  ];
  if (target) {
    const how = target.chosen ? "chosen" : `halfway between ${first}'s first and last success`;
    notes.push(
      `Success to reach: ${percent(target.success)} (${how}); a median counts runs that never got there as last.`,
    );
  }
  const reachedAtStart = table.arms.filter(({ to_target }) => to_target.iterations === 0);
  if (reachedAtStart.length > 0) {
    const names = reachedAtStart.map(({ name }) => name).join(", ");
    notes.push(`0 iterations: that success was there before any training (${names}).`);
  }
  if (evaluations.length > 0) notes.push(`Evaluation: ${evaluations.join("; ")}.`);
  if (evaluations.length > 1) notes.push("These evaluations differ: the rows are not comparable.");
  const rolledBack = table.arms.some(({ stability }) => stability.rollbacks > 0);
  if (rolledBack) {
    notes.push(
      "Iterations that a rollback undid count in the tokens and the signs of collapse, and in no other figure.",
    );
  }
  if (budget !== null) notes.push(`Budget: ${formatCount(budget)} generated tokens per run.`);
  const open = table.arms.flatMap(({ runs }) => runs).filter(({ state }) => state === "unfinished");
  if (open.length > 0) {
    notes.push(
      "Runs that are not finished are left out of the figures of an arm that has finished ones.",
    );
  }
  const seeds = table.arms.map(({ runs }) => endedSeeds(runs).join(" "));
  if (new Set(seeds).size > 1) {
    notes.push(
      `The arms do not have the same seeds: what is set against ${first} is over the seeds in common, every other figure over an arm's own.`,
    );
  }
  return [...notes, ...table.arms.flatMap(warnings)];
}

/** What is not as it should be with the runs of an arm. */
function warnings({ name, runs, mixed }: ArmRow): string[] {
  const found: string[] = [];
  const seeds = runs.map(({ seed }) => seed);
  const doubled = [...new Set(seeds.filter((seed, i) => seeds.indexOf(seed) < i))];
  if (doubled.length > 0) {
    found.push(
      `${name}: more than one run of seed ${doubled.join(", ")}: each counts as a seed of its own, and intervals are too narrow.`,
    );
  }
  if (mixed.length > 0) {
    found.push(
      `${name}: its runs are not of one configuration, they differ in ${mixed.join(", ")}.`,
    );
  }
  return [...found, ...runs.flatMap((run) => runWarnings(name, run))];
}

function runWarnings(name: string, run: ArmRow["runs"][number]): string[] {
  const { seed, state, iterations, evaluated_at: at } = run;
  const found: string[] = [];
  if (state === "stopped" && at !== null && at !== iterations) {
    found.push(
      `updates, weights or logits were no numbers after iteration ${iterations}; its last success is that of iteration ${at}, before it broke.`,
    );
  }
  if (at !== null && !run.evaluated_first) {
    found.push(
      "the line of its evaluation before training is lost; it has no first success and no gain.",
    );
  }
  if (run.lost_iterations > 0) {
    const lines = run.lost_iterations === 1 ? "1 line" : `${run.lost_iterations} lines`;
    found.push(`${lines} of metrics.jsonl lost; the run's tokens, times and retries lack that.`);
  }
  return found.map((text) => `${name}, seed ${seed}: ${text}`);
}
function endedSeeds(runs: ArmRow["runs"]): number[] {
  const ended = runs.filter(({ state }) => state === "done" || state === "stopped");
  return ended.map(({ seed }) => seed).sort((a, b) => a - b);
}
