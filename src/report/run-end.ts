/**
 * Whether a run is over, and why. Training, a comparison and a report all ask here: none of them counts a run as ended
 * whose last evaluation is still to be made.
 */

import { flatten } from "./config-text.ts";
import type { ConfigTable } from "./run-files.ts";

/** What ends a run that nothing goes wrong in; a key that is absent decides nothing. */
interface Budget {
  readonly iterations?: number | undefined;
  readonly token_budget?: number | undefined;
}

/** What ends a run, as its configuration says. */
export interface EndRules extends Budget {
  readonly on_collapse: unknown;
  readonly max_rollbacks: number;
  /** Two evaluations are shown beside the last one. */
  readonly beside: boolean;
}

/** @param tokenBudget of the comparison, where the configuration names none */
export function endRules(config: ConfigTable, tokenBudget?: number): EndRules {
  const flat = flatten(config);
  const limit = (key: string) => {
    const value = flat.get(key);
    return typeof value === "number" ? value : undefined;
  };
  return {
    iterations: limit("train.iterations"),
    token_budget: limit("train.token_budget") ?? tokenBudget,
    on_collapse: flat.get("train.on_collapse"),
    max_rollbacks: limit("train.collapse.max_rollbacks") ?? 0,
    beside: flat.get("eval.beside") === true,
  };
}

/** How far a run is. */
export interface Spent {
  /** Iterations done. */
  readonly iteration: number;
  /** Tokens generated in their rollouts. */
  readonly tokens: number;
}

/** It trained as long as it was to. */
export function finished(budget: Budget, { iteration, tokens }: Spent): boolean {
  const { iterations = NO_LIMIT, token_budget = NO_LIMIT } = budget;
  return iteration >= iterations || tokens >= token_budget;
}

const NO_LIMIT = Number.POSITIVE_INFINITY;

/** As far as it matters here, a line of collapse.jsonl. */
export interface EndSignal {
  readonly iteration: number;
  readonly signal: string;
  readonly action: string;
  readonly rollbacks?: number | undefined;
}

/** Weights that are no numbers play no evaluation. */
export function canBeEvaluated(signals: readonly Pick<EndSignal, "signal">[]): boolean {
  return !signals.some(({ signal }) => signal === "not-finite");
}

/**
 * The signals by which collapse ended a run where it stands, and would again; none where it goes on. One that broke while
 * playing the next iteration is told with that one's number.
 */
export function stopsAt(
  signals: readonly EndSignal[],
  { iteration, rollbacks }: { readonly iteration: number; readonly rollbacks: number },
  { on_collapse, max_rollbacks }: EndRules,
): readonly EndSignal[] {
  // Whoever configured the run otherwise since then wants it to go on.
  if (on_collapse === "rollback" && rollbacks < max_rollbacks) return [];
  return signals.filter(
    (row) =>
      row.action === "stop" &&
      row.iteration >= iteration &&
      (row.rollbacks ?? rollbacks) === rollbacks &&
      (on_collapse !== "warn" || !canBeEvaluated([row])),
  );
}

/** As far as it matters here, a line of metrics.jsonl. */
interface MeasuredTokens {
  readonly iteration: number;
  readonly tokens_generated?: number | undefined;
  readonly tokens_total?: number | undefined;
}

/** What a run has written. */
export interface WrittenRows {
  readonly metrics: readonly MeasuredTokens[];
  /** With those that are shown beside. */
  readonly evaluations: readonly { readonly iteration: number }[];
  readonly signals: readonly EndSignal[];
}

/** How a run ended by itself, its last evaluation made; undefined while it has further to go. */
export function endOf(
  { metrics, evaluations, signals }: WrittenRows,
  rules: EndRules,
): "done" | "stopped" | undefined {
  const iteration = metrics.at(-1)?.iteration ?? 0;
  const tokens = tokensSpent({ metrics });
  const stops = stopsAt(signals, { iteration, rollbacks: rollbacksOf(signals) }, rules);
  const stopped = stops.length > 0;
  if (stopped && !canBeEvaluated(stops)) return "stopped";
  if (!stopped && !finished(rules, { iteration, tokens })) return undefined;
  const made = evaluations.filter((row) => row.iteration === iteration).length;
  // What stands beside the first evaluation is measured after the first iteration.
  if (made < (rules.beside && iteration > 0 ? 3 : 1)) return undefined;
  return stopped ? "stopped" : "done";
}

/** Tokens generated in a run so far. Older runs wrote down what each iteration generated alone. */
export function tokensSpent({ metrics }: Pick<WrittenRows, "metrics">): number {
  const sum = metrics.reduce((total, { tokens_generated = 0 }) => total + tokens_generated, 0);
  return metrics.at(-1)?.tokens_total ?? sum;
}

/** How often a run has gone back. */
function rollbacksOf(signals: readonly EndSignal[]): number {
  return signals.reduce(
    (most, { action, rollbacks = 0 }) =>
      Math.max(most, rollbacks + (action === "rollback" ? 1 : 0)),
    0,
  );
}
