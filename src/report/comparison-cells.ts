/** The comparison table as texts in rows and columns: what Markdown and the page both show. */

import { formatCount, formatDuration, formatNumber } from "../core/format.ts";
import type { ArmRow, ComparisonTable, RetryEstimates } from "./comparison.ts";
import type { Estimate } from "./estimates.ts";

export interface Column {
  readonly title: string;
  /** What the figure is, in a sentence. */
  readonly help: string;
  cell(row: ArmRow): string;
}

const NONE = "–";

/** The columns of a table, in groups that a narrow screen shows one below the other. */
export function columnGroups(table: ComparisonTable): readonly {
  readonly title: string;
  readonly columns: readonly Column[];
}[] {
  const target = table.target ? percent(table.target.success) : NONE;
  return [
    {
      title: "Success",
      columns: [
        { title: "runs", help: "how many runs there are, and how far they are", cell: runsText },
        {
          title: "first",
          help: "success at the first evaluation, mean over runs, with its 95 % interval",
          cell: ({ success_first }) => rateText(success_first),
        },
        {
          title: "last",
          help: "success at the last evaluation, mean over runs, with its 95 % interval",
          cell: ({ success_last }) => rateText(success_last),
        },
        {
          title: "gain",
          help: "last minus first, in points",
          cell: ({ gain }) => pointsText(gain),
        },
        {
          title: `against ${table.arms[0]!.name}`,
          help: "last success minus the first arm's, in points, paired by seed and task",
          cell: ({ difference }) => pointsText(difference),
        },
      ],
    },
    {
      title: "Speed and steadiness",
      columns: [
        {
          title: "area",
          help: "height of the success curve, mean over generated tokens, with an interval over seeds",
          cell: ({ area }) => rateText(area),
        },
        {
          title: `iterations to ${target}`,
          help: "median over runs of the first evaluation with that success; how many got there",
          cell: ({ to_target }) => reachText(to_target),
        },
        {
          title: `tokens to ${target}`,
          help: "the same in generated tokens",
          cell: ({ to_target }) =>
            to_target.tokens === null ? NONE : formatCount(to_target.tokens),
        },
        {
          title: "deviation",
          help: "standard deviation of the last success over seeds, in points",
          cell: ({ stability }) => points(stability.deviation),
        },
        {
          title: "largest fall",
          help: "the most that any run lost against its best evaluation before, in points",
          cell: ({ stability }) => points(stability.largest_fall),
        },
        { title: "collapse", help: "runs with signs of collapse, and which", cell: collapseText },
        {
          title: "wall time",
          help: "rollouts and updates of a run, mean; evaluations are not in it",
          cell: ({ wall_ms }) => (wall_ms.mean > 0 ? formatDuration(wall_ms.mean) : NONE),
        },
      ],
    },
    {
      title: "Retries per episode",
      columns: [
        ...retryColumns("rollouts", "the last ten iterations' rollouts"),
        ...retryColumns("evaluation", "the last evaluation"),
      ],
    },
  ];
}

function retryColumns(where: "rollouts" | "evaluation", text: string): Column[] {
  const kinds: readonly (readonly [keyof RetryEstimates, string, string])[] = [
    ["repeated", "repeated", "actions tried again in a state where they had been tried"],
    ["invalid", "invalid", "actions the world could not read or carry out"],
    ["dead_ends", "dead ends", "states left and returned to without progress"],
  ];
  const place = where === "rollouts" ? "training" : "evaluation";
  return kinds.map(([kind, name, help]) => ({
    title: `${name}, ${place}`,
    help: `${help}; per episode of ${text}, with an interval over seeds, and the change against the first arm`,
    cell: ({ retries }) => retryText(retries[where][kind]),
  }));
}

function retryText(found: RetryEstimates[keyof RetryEstimates]): string {
  if (!found) return NONE;
  const { value, ci95, change } = found;
  const interval = ci95 ? ` [${ci95.map((bound) => bound.toFixed(2)).join(", ")}]` : "";
  const against = change === null ? "" : ` (${signed(100 * change, 0)} %)`;
  return `${value.toFixed(2)}${interval}${against}`;
}

function runsText({ runs, provisional }: ArmRow): string {
  const counts = Map.groupBy(runs, ({ state }) => state);
  const parts = [...counts].map(([state, members]) => `${members.length} ${state}`);
  return `${parts.join(", ")}${provisional ? " (figures so far)" : ""}`;
}

function collapseText({ runs, stability }: ArmRow): string {
  const begun = runs.filter(({ state }) => state !== "missing").length;
  const kinds = Object.entries(stability.signals).map(([name, count]) => `${name} × ${count}`);
  const list = kinds.length > 0 ? `: ${kinds.join(", ")}` : "";
  return `${stability.runs_with_signals} of ${begun}${list}`;
}

function reachText({ iterations, reached, runs }: ArmRow["to_target"]): string {
  const counted = `${reached} of ${runs}`;
  return iterations === null ? `${NONE} (${counted})` : `${formatNumber(iterations)} (${counted})`;
}

function rateText(found: Estimate | null): string {
  if (!found) return NONE;
  const interval = found.ci95 ? ` [${found.ci95.map((bound) => share(bound)).join(", ")}]` : "";
  return `${share(found.value)}${interval}`;
}

function pointsText(found: Estimate | null): string {
  if (!found) return NONE;
  const interval = found.ci95
    ? ` [${found.ci95.map((bound) => signed(100 * bound, 1)).join(", ")}]`
    : "";
  return `${signed(100 * found.value, 1)}${interval}`;
}

function share(value: number): string {
  return (100 * value).toFixed(1);
}

function percent(value: number): string {
  return `${share(value)} %`;
}

function points(value: number | null): string {
  return value === null ? NONE : share(value);
}

/** With a sign that is there for zero too, and a minus of full width. */
function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return `${value < 0 && Number(text) !== 0 ? "−" : "+"}${text}`;
}

/** How to read the table, a sentence a line. */
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
  if (evaluations.length > 0) notes.push(`Evaluation: ${evaluations.join("; ")}.`);
  if (evaluations.length > 1) notes.push("These evaluations differ: the rows are not comparable.");
  const rolledBack = table.arms.some(({ stability }) => stability.rollbacks > 0);
  if (rolledBack) {
    notes.push("Iterations that a rollback undid are in no figure but the signs of collapse.");
  }
  if (budget !== null) notes.push(`Budget: ${formatCount(budget)} generated tokens per run.`);
  const open = table.arms.flatMap(({ runs }) => runs).filter(({ state }) => state === "unfinished");
  if (open.length > 0) {
    notes.push(
      "Runs that are not finished are left out of the figures of an arm that has finished ones.",
    );
  }
  return notes;
}
