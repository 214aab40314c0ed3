/** What is left of a run's iterations and of the tokens that it may generate. */

import { finished, type Spent } from "../report/run-end.ts";
import type { RunConfig } from "./config.ts";

type Budget = Pick<RunConfig["train"], "iterations" | "token_budget">;

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
