/** The comparison table: what each arm reached, how surely, how fast, how steadily, and at what cost. */

import { type Arm, type Arms, readArms } from "./arms.ts";
import { REPLICATES } from "./bootstrap.ts";
import {
  differenceEstimate,
  type Estimate,
  pairedDifference,
  rateEstimate,
  seedEstimate,
  taskNames,
} from "./estimates.ts";
import {
  firstAt,
  meanOf,
  type Retries,
  type RunFacts,
  type RunState,
  runFacts,
} from "./run-facts.ts";
import type { EvaluationRecord } from "./run-records.ts";

export interface ArmRow {
  readonly name: string;
  readonly set: readonly string[];
  readonly runs: readonly {
    readonly seed: number;
    readonly path: string;
    readonly state: RunState;
    readonly iterations: number;
    readonly tokens: number;
  }[];
  /** True where no run has ended: every figure is of runs that are under way. */
  readonly provisional: boolean;
  readonly success_first: Estimate | null;
  readonly success_last: Estimate | null;
  readonly gain: Estimate | null;
  /** Last success minus the first arm's, seed by seed and task by task; null for the first arm. */
  readonly difference: Estimate | null;
  /** Mean success over the run, by generated tokens. */
  readonly area: Estimate | null;
  /** Medians over runs, a run that never got there counting as last; null where most did not. */
  readonly to_target: {
    readonly reached: number;
    readonly runs: number;
    readonly iterations: number | null;
    readonly tokens: number | null;
  };
  readonly stability: {
    /** Standard deviation (n − 1) of the last success over seeds. */
    readonly deviation: number | null;
    readonly largest_fall: number | null;
    readonly runs_with_signals: number;
    readonly signals: Readonly<Record<string, number>>;
    readonly rollbacks: number;
  };
  readonly retries: {
    readonly rollouts: RetryEstimates;
    readonly evaluation: RetryEstimates;
  };
  readonly wall_ms: { readonly mean: number; readonly total: number };
}

/** Per episode: mean over runs with an interval over seeds, and the change against the first arm as a share. */
export type RetryEstimates = Readonly<
  Record<keyof Retries, (Estimate & { readonly change: number | null }) | null>
>;

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

/** The table of what `empg compare` made, as far as its runs have come. @throws UserError for what is malformed */
export function comparisonOf(directory: string, options: TableOptions = {}): ComparisonTable {
  return comparisonTable(readArms([directory]), options);
}

/** A pure function of what the runs wrote. */
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

interface Counted {
  readonly runs: readonly RunFacts[];
  readonly provisional: boolean;
}

/** Runs that have ended, by themselves or by collapse; while there is none, those under way. */
function countedRuns(facts: readonly RunFacts[]): Counted {
  const evaluated = facts.filter(({ last }) => last !== undefined);
  const ended = evaluated.filter(({ state }) => state === "done" || state === "stopped");
  return ended.length > 0
    ? { runs: ended, provisional: false }
    : { runs: evaluated, provisional: evaluated.length > 0 };
}

interface Context {
  readonly base: Counted;
  readonly isBase: boolean;
  readonly tasks: readonly string[];
  readonly success: number | undefined;
}

function armRow(
  { name, set }: Arm,
  facts: readonly RunFacts[],
  { runs, provisional }: Counted,
  { base, isBase, tasks, success }: Context,
): ArmRow {
  const firsts = runs.map(({ first }) => first!);
  const lasts = runs.map(({ last }) => last!);
  const finals = lasts.map(({ success_rate }) => success_rate);
  const falls = runs.flatMap(({ largestFall }) => largestFall ?? []);
  const walls = runs.map(({ wallMs }) => wallMs);
  const comparable = !isBase && !provisional && !base.provisional;
  return {
    name,
    set,
    runs: facts.map(({ seed, path, state, iterations, tokens }) => ({
      ...{ seed, path, state, iterations, tokens },
    })),
    provisional,
    success_first: rateEstimate(firsts, tasks),
    success_last: rateEstimate(lasts, tasks),
    gain: differenceEstimate(lasts, firsts, tasks),
    difference: comparable ? pairedDifference(runs, base.runs, tasks) : null,
    area: seedEstimate(runs.map(({ area }) => area)),
    to_target: reaching(runs, success),
    stability: {
      deviation: deviation(finals),
      largest_fall: falls.length > 0 ? Math.max(...falls) : null,
      runs_with_signals: facts.filter(({ signals }) => Object.keys(signals).length > 0).length,
      signals: sumCounts(facts.map(({ signals }) => signals)),
      rollbacks: facts.reduce((sum, { rollbacks }) => sum + rollbacks, 0),
    },
    retries: {
      rollouts: retryEstimates(runs, base.runs, isBase, ({ rolloutRetries }) => rolloutRetries),
      evaluation: retryEstimates(
        ...([runs, base.runs, isBase] as const),
        ({ evaluationRetries }) => evaluationRetries,
      ),
    },
    wall_ms: { mean: meanOf(walls) ?? 0, total: walls.reduce((a, b) => a + b, 0) },
  };
}

function halfwayOf(base: readonly RunFacts[]): number | undefined {
  const start = meanOf(base.map(({ first }) => first?.success_rate));
  const end = meanOf(base.map(({ last }) => last?.success_rate));
  return start === undefined || end === undefined ? undefined : (start + end) / 2;
}

function reaching(runs: readonly RunFacts[], success: number | undefined): ArmRow["to_target"] {
  const points = runs.map(({ curve }) =>
    success === undefined ? undefined : firstAt(curve, success),
  );
  const median = (pick: (point: { iteration: number; tokens: number }) => number) => {
    const all = points.map((point) => (point ? pick(point) : Number.POSITIVE_INFINITY));
    all.sort((a, b) => a - b);
    const half = all.length >> 1;
    const value = all.length % 2 === 1 ? all[half]! : (all[half - 1]! + all[half]!) / 2;
    return Number.isFinite(value) ? value : null;
  };
  return {
    reached: points.filter((point) => point !== undefined).length,
    runs: runs.length,
    iterations: runs.length > 0 ? median(({ iteration }) => iteration) : null,
    tokens: runs.length > 0 ? median(({ tokens }) => tokens) : null,
  };
}

function deviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = meanOf(values)!;
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

function retryEstimates(
  runs: readonly RunFacts[],
  base: readonly RunFacts[],
  isBase: boolean,
  pick: (facts: RunFacts) => Retries,
): RetryEstimates {
  const one = (kind: keyof Retries) => {
    const found = seedEstimate(runs.map((run) => pick(run)[kind]));
    const first = meanOf(base.map((run) => pick(run)[kind]));
    if (!found) return null;
    const change = isBase || !first ? null : found.value / first - 1;
    return { ...found, change };
  };
  return { repeated: one("repeated"), invalid: one("invalid"), dead_ends: one("dead_ends") };
}

function sumCounts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

function kindText({ split, temperature, episodes, tasks_hash }: EvaluationRecord): string {
  const tasks = tasks_hash === undefined ? "" : `, tasks ${tasks_hash}`;
  return `${split}, temperature ${temperature}, ${episodes} episodes${tasks}`;
}
