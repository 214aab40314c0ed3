/** When a run is over: after its iterations, or when as many tokens are generated as it may. */

import type { RunConfig } from "./config.ts";

/** How far a run is. */
export interface Spent {
  /** Iterations done. */
  readonly iteration: number;
  /** Tokens generated in their rollouts. */
  readonly tokens: number;
}

type Budget = Pick<RunConfig["train"], "iterations" | "token_budget">;

export function finished(
  { iterations, token_budget }: Budget,
  { iteration, tokens }: Spent,
): boolean {
  return iteration >= iterations || tokens >= (token_budget ?? Number.POSITIVE_INFINITY);
}

/** Share of the token budget that is used up; 0 without one. */
export function spentShare({ token_budget }: Budget, { tokens }: Spent): number {
  return token_budget === undefined ? 0 : Math.min(tokens / token_budget, 1);
}

/** Tokens that may still be generated; infinity without a budget. */
export function tokensLeft({ token_budget }: Budget, { tokens }: Spent): number {
  return (token_budget ?? Number.POSITIVE_INFINITY) - tokens;
}

/** Iterations to come, as far as those that were tell. */
export function iterationsLeft(budget: Budget, spent: Spent): number {
  if (finished(budget, spent)) return 0;
  const { iterations, token_budget } = budget;
  const left = iterations - spent.iteration;
  if (token_budget === undefined || spent.tokens === 0) return left;
  const perIteration = spent.tokens / spent.iteration;
  return Math.min(left, Math.ceil((token_budget - spent.tokens) / perIteration));
}
