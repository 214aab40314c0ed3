/** What a run directory says, read while the run may still be writing it. */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { UserError } from "../core/errors.ts";
import { readText } from "../core/text-file.ts";
import { parseToml } from "../core/toml.ts";
import { validate } from "../core/validate.ts";
import { EvaluationRecord, MetricsRecord, SignalRecord } from "./run-records.ts";
import { readGrowingLines } from "./tolerant-lines.ts";

/** A run's resolved configuration, whatever sections and keys its version has. */
export type ConfigTable = Readonly<Record<string, unknown>>;

/** Fills in what a configuration of an older version lacks. */
export type Completion = (config: ConfigTable) => ConfigTable;

export interface RunFiles {
  readonly path: string;
  /** As it was written. */
  readonly config: ConfigTable;
  /** The same with the defaults of keys that its version had not yet: what runs are compared by. */
  readonly completed: ConfigTable;
  /** One per iteration, in order; of an iteration that was done again, the last. */
  readonly metrics: readonly MetricsRecord[];
  /** The figures that count, by iteration. */
  readonly evaluations: readonly EvaluationRecord[];
  /** Figures shown beside them: another temperature or split. */
  readonly beside: readonly EvaluationRecord[];
  readonly signals: readonly SignalRecord[];
  /** Saved trajectories, by iteration. */
  readonly rollouts: readonly { readonly iteration: number; readonly file: string }[];
  /** What the log says the run computed on; undefined where it does not. */
  readonly device: string | undefined;
}

/** Whether a directory is a run's: it holds the resolved configuration. */
export function isRunDirectory(path: string): boolean {
  return existsSync(join(path, CONFIG));
}

/**
 * @param complete fills in the defaults of keys that a configuration lacks
 * @throws UserError where there is no run, and for a malformed file, naming file, line and key, what was
 *   found and what is allowed
 */
export function readRun(path: string, complete: Completion): RunFiles {
  requireRun(path);
  const file = join(path, CONFIG);
  const config = parseToml(readText(file), file);
  const evaluations = rows(join(path, "eval.jsonl"), EvaluationRecord);
  return {
    path,
    config,
    completed: complete(config),
    metrics: lastOfEach(rows(join(path, "metrics.jsonl"), MetricsRecord)),
    evaluations: lastOfEach(evaluations.filter(({ beside }) => beside !== true)),
    beside: evaluations.filter(({ beside }) => beside === true),
    signals: rows(join(path, "collapse.jsonl"), SignalRecord),
    rollouts: rolloutFiles(join(path, "rollouts")),
    device: deviceOf(join(path, "log.txt")),
  };
}

const CONFIG = "config.toml";

function requireRun(path: string): void {
  if (!existsSync(path)) throw new UserError(`${path}: no such directory`);
  if (!statSync(path).isDirectory()) {
    throw new UserError(`${path}: is a file, expected a run directory`);
  }
  if (isRunDirectory(path)) return;
  throw new UserError(
    `${path}: no run directory: config.toml is missing`,
    "name what empg train --out or empg compare --out made",
  );
}

function rows<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema>[] {
  return readGrowingLines(path).map(({ value, where }) => validate(schema, value, where));
}

/** A run that went back repeats iterations: what it did last is what it went on from. */
function lastOfEach<Row extends { readonly iteration: number }>(all: readonly Row[]): Row[] {
  const byIteration = new Map(all.map((row) => [row.iteration, row]));
  return [...byIteration.values()].sort((a, b) => a.iteration - b.iteration);
}

function rolloutFiles(directory: string) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => /^\d+\.jsonl$/.test(name))
    .map((name) => ({ iteration: Number.parseInt(name, 10), file: join(directory, name) }))
    .sort((a, b) => a.iteration - b.iteration);
}

/** The header card's line; a run that was resumed elsewhere says so once more. */
function deviceOf(log: string): string | undefined {
  if (!existsSync(log)) return undefined;
  const found = readFileSync(log, "utf8").matchAll(/^device\s+(\S.*)$/gm);
  const names = new Set(Array.from(found, ([, name]) => name!.trim()));
  return names.size > 0 ? [...names].join("; ") : undefined;
}
