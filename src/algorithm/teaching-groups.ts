/**
 * Which groups teach a method something, so that `algorithm.uniform_groups = "drop"` leaves out the others alone: those
 * whose returns differ and, where steps are compared too (GiGPO), those in which one state led to different returns.
 */

import { DIALECTS } from "./dialect.ts";
import { type EpisodeOutcome, rowsOf } from "./episode-outcome.ts";
import { stepAdvantages } from "./gigpo.ts";
import { unequalGroups } from "./group-advantage.ts";
import { type AlgorithmConfig, comparesGroups } from "./methods.ts";

/** Indices of the episodes of groups that teach. */
export function teachingEpisodes(
  config: AlgorithmConfig,
  episodes: readonly EpisodeOutcome[],
): readonly number[] {
  const groups = episodes.map(({ group }) => group);
  const rows = rowsOf(episodes, DIALECTS[config.dialect].row);
  const unequal = unequalGroups(
    rows.map(({ value }) => rounded(value)),
    rows.map(({ group }) => group),
  );
  const teaching = new Set(unequal.map((row) => rows[row]!.group));
  if (config.method === "gigpo" && config.step_weight > 0) {
    for (const [index, advantages] of stepAdvantages(episodes, config).entries()) {
      if (advantages.some((A) => rounded(A) !== 0)) teaching.add(groups[index]!);
    }
  }
  return [...episodes.keys()].filter((index) => teaching.has(groups[index]!));
}

/** A return before anything was subtracted for invalid actions. */
export function rawReturn(
  total: number,
  penalty: number,
  steps: readonly { valid: boolean }[],
): number {
  return rounded(total + penalty * steps.filter(({ valid }) => !valid).length);
}

/** So that what is equal but for the rounding of sums is equal. */
export function rounded(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}

/** What to say where a method that would learn from every group is told to leave some out; undefined elsewhere. */
export function noteUngrouped({ method, uniform_groups }: AlgorithmConfig): string | undefined {
  if (comparesGroups(method) || uniform_groups === "keep") return undefined;
  return (
    `algorithm.uniform_groups = "${uniform_groups}" leaves out tasks whose episodes all earned the same, though ` +
    `"${method}" compares no groups and would learn from them: "keep" uses them`
  );
}
