/** Runs that are compared: an arm is one configuration, tried with several seeds. */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { parseJson } from "../core/json-text.ts";
import { readText } from "../core/text-file.ts";
import { validate } from "../core/validate.ts";
import {
  experimentDifferences,
  flatten,
  methodName,
  OF_THE_RUN,
  valueText,
} from "./config-text.ts";
import {
  type Completion,
  type ConfigTable,
  isRunDirectory,
  type RunFiles,
  readRun,
} from "./run-files.ts";

/** One run's place in a comparison; `files` is absent where the run has not begun. */
export interface ArmRun {
  readonly seed: number;
  readonly path: string;
  readonly files: RunFiles | undefined;
}

export interface Arm {
  readonly name: string;
  /** What the comparison sets for it beside the shared configuration; empty for runs started by hand. */
  readonly set: readonly string[];
  readonly runs: readonly ArmRun[];
}

export interface Arms {
  readonly arms: readonly Arm[];
  /** Generated tokens that every run may use; undefined where nobody said. */
  readonly tokenBudget: number | undefined;
}

/** An arm's name in compare.json: a directory's too. */
export const ArmName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9+._-]{0,99}$/);

const Comparison = z.object({
  config: z.string(),
  arms: z
    .array(z.object({ name: ArmName, set: z.array(z.string()) }))
    .min(1)
    .refine((arms) => allDiffer(arms.map(({ name }) => name)), "arms: a name stands twice"),
  seeds: z.array(z.int().min(0)).min(1).refine(allDiffer, "seeds: a seed stands twice"),
  token_budget: z.number().gt(0).nullish(),
});

/** A run that is listed twice would count as two. */
function allDiffer(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

const unchanged: Completion = (config) => config;

/** Whether `empg compare` made a directory. */
export function isComparison(path: string): boolean {
  return existsSync(join(path, "compare.json"));
}

/** The arms of a comparison directory. @throws UserError for what is malformed */
export function armsOfComparison(path: string, complete: Completion): Arms {
  const file = join(path, "compare.json");
  const plan = validate(Comparison, parseJson(readText(file), file), file);
  const arms = plan.arms.map(({ name, set }) => ({
    name,
    set,
    runs: plan.seeds.map((seed) =>
      armRun(join(path, "runs", name, `seed-${seed}`), seed, complete),
    ),
  }));
  return { arms, tokenBudget: plan.token_budget ?? undefined };
}

/** A run of a comparison that was never reached is no mistake. */
function armRun(path: string, seed: number, complete: Completion): ArmRun {
  return { seed, path, files: isRunDirectory(path) ? readRun(path, complete) : undefined };
}

/** The arms of runs that were started one by one: those that differ in nothing but seed and name are one arm. */
export function armsOfRuns(paths: readonly string[], complete: Completion = unchanged): Arms {
  const runs = paths.map((path) => readRun(path, complete));
  const groups = [...Map.groupBy(runs, ({ completed }) => configurationOf(completed)).values()];
  const names = armNames(groups.map(([first]) => first!.completed));
  const arms = groups.map((members, index) => ({
    name: names[index]!,
    set: [],
    runs: members.map((files) => {
      const seed = flatten(files.config).get("run.seed");
      return { seed: typeof seed === "number" ? seed : 0, path: files.path, files };
    }),
  }));
  return { arms, tokenBudget: undefined };
}

/**
 * The arms of what `empg report` was given.
 * @param complete fills in what the configurations of older versions lack
 * @throws UserError as readRun, and where nothing was run yet
 */
export function readArms(paths: readonly string[], complete: Completion = unchanged): Arms {
  for (const path of paths) {
    if (existsSync(path) && statSync(path).isDirectory() && isEmptyDirectory(path)) {
      throw new UserError(`${path}: is empty, expected a run directory`);
    }
  }
  const twice = paths.find(
    (path, i) => paths.findIndex((one) => resolve(one) === resolve(path)) < i,
  );
  if (twice !== undefined) throw new UserError(`${twice}: is named twice`);
  const comparison = paths.find(isComparison);
  if (comparison !== undefined && paths.length > 1) {
    throw new UserError(
      `${comparison}: is a comparison of many runs, and stands for itself`,
      `report it alone: empg report ${comparison}`,
    );
  }
  const found =
    comparison === undefined ? armsOfRuns(paths, complete) : armsOfComparison(comparison, complete);
  const begun = found.arms.some(({ runs }) =>
    runs.some(({ files }) => files && files.metrics.length + files.evaluations.length > 0),
  );
  if (begun) return found;
  throw new UserError(
    `${paths.join(", ")}: nothing to report: no iteration is done and nothing was evaluated`,
    "wait for the first line of metrics.jsonl or eval.jsonl",
  );
}

function isEmptyDirectory(path: string): boolean {
  return readdirSync(path).length === 0;
}

/** What makes two runs the same arm. */
function configurationOf(config: ConfigTable): string {
  const own = [...flatten(config)].filter(([key]) => !OF_THE_RUN.includes(key));
  return JSON.stringify(own.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Method names; where two arms share one, with the keys in which they differ. */
function armNames(configs: readonly ConfigTable[]): string[] {
  const names = configs.map(methodName);
  return configs.map((config, index) => {
    const name = names[index]!;
    const others = configs.filter((_, other) => names[other] === name);
    if (others.length === 1) return name;
    const own = flatten(config);
    const keys = experimentDifferences(others).map(({ key }) => key);
    return `${name} · ${keys.map((key) => `${key}=${valueText(own.get(key))}`).join(" ")}`;
  });
}
