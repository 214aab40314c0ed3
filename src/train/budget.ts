/** What is left of a run's iterations and of the tokens that it may generate. */

import { finished, type Spent } from "../report/run-end.ts";
import type { RunConfig } from "./config.ts";
import { TrainSection } from "./sections.ts";

type Budget = Pick<RunConfig["train"], "iterations" | "token_budget">;

/** Share of the token budget that is used up; 0 without one. */
export function spentShare({ token_budget }: Budget, { tokens }: Spent): number {
  return token_budget === undefined ? 0 : Math.min(tokens / token_budget, 1);
}

/** Tokens that may still be generated; infinity without a budget. */
export function tokensLeft({ token_budget }: Budget, { tokens }: Spent): number {
  return (token_budget ?? Number.POSITIVE_INFINITY) - tokens;
}

/**
 * Iterations to come, as far as those that were tell.
 * @param generated tokens of each iteration that counts; those that a rollback undid are spent, and no measure of the rest
 */
export function iterationsLeft(budget: Budget, spent: Spent, generated: readonly number[]): number {
  if (finished(budget, spent)) return 0;
  const { iterations, token_budget } = budget;
  const left = iterations - spent.iteration;
  const sum = generated.reduce((total, tokens) => total + tokens, 0);
  if (token_budget === undefined || sum === 0) return left;
  return Math.min(left, Math.ceil(((token_budget - spent.tokens) * generated.length) / sum));
}

/** What to say where a comparison is asked for iterations; undefined where nobody asks. */
export function noteIterations({ iterations }: Budget): string | undefined {
  if (iterations === TrainSection.parse({}).iterations) return undefined;
  return `train.iterations = ${iterations} ends no run of a comparison: its token budget does`;
}
