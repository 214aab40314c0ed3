/** The comparison table: what each arm reached, how surely, how fast, how steadily, and at what cost. */

import { type ArmRow, armRow, type Counted } from "./arm-row.ts";
import type { Arms } from "./arms.ts";
import { REPLICATES } from "./bootstrap.ts";
import { taskNames } from "./estimates.ts";
import { meanOf, type RunFacts, runFacts } from "./run-facts.ts";
import type { EvaluationRecord } from "./run-records.ts";

export interface ComparisonTable {
  readonly arms: readonly ArmRow[];
  readonly token_budget: number | null;
  /** Success to reach, and whether somebody chose it. */
  readonly target: { readonly success: number; readonly chosen: boolean } | null;
  /** The kinds of evaluation that the figures come from; more than one compares unlike things. */
  readonly evaluations: readonly string[];
  readonly tasks: number;
  readonly replicates: number;
}

export interface TableOptions {
  /** Success to reach, in [0, 1]; absent: halfway between the first arm's start and end. */
  readonly target?: number | undefined;
}

/** A pure function of what the runs wrote, as far as they have come. */
export function comparisonTable(
  { arms, tokenBudget }: Arms,
  { target: chosen }: TableOptions = {},
): ComparisonTable {
  const facts = arms.map(({ runs }) => runs.map((run) => runFacts(run, tokenBudget)));
  const counted = facts.map(countedRuns);
  const tasks = taskNames(facts.flat());
  const base = counted[0]!;
  const halfway = halfwayOf(base.runs);
  const success = chosen ?? halfway;
  return {
    arms: arms.map((arm, index) =>
      armRow(arm, facts[index]!, counted[index]!, { base, isBase: index === 0, tasks, success }),
    ),
    token_budget: tokenBudget ?? null,
    target: success === undefined ? null : { success, chosen: chosen !== undefined },
    evaluations: [...new Set(facts.flat().flatMap(({ last }) => (last ? [kindText(last)] : [])))],
    tasks: tasks.length,
    replicates: REPLICATES,
  };
}

/** Runs that have ended, by themselves or by collapse; while there is none, those under way. */
function countedRuns(facts: readonly RunFacts[]): Counted {
  const evaluated = facts.filter(({ last }) => last !== undefined);
  const ended = evaluated.filter(({ state }) => state === "done" || state === "stopped");
  return ended.length > 0
    ? { runs: ended, provisional: false }
    : { runs: evaluated, provisional: evaluated.length > 0 };
}

function halfwayOf(base: readonly RunFacts[]): number | undefined {
  const start = meanOf(base.map(({ first }) => first?.success_rate));
  const end = meanOf(base.map(({ last }) => last?.success_rate));
  return start === undefined || end === undefined ? undefined : (start + end) / 2;
}

function kindText({ split, temperature, episodes, tasks_hash }: EvaluationRecord): string {
  const tasks = tasks_hash === undefined ? "" : `, tasks ${tasks_hash}`;
  return `${split}, temperature ${temperature}, ${episodes} episodes${tasks}`;
}
