/** What a comparison runs, the file that says so, and the directory that it stands in. */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { lockFile } from "../core/file-lock.ts";
import { parseJson } from "../core/json-text.ts";
import { unreadable } from "../core/text-file.ts";
import { validate } from "../core/validate.ts";
import { ArmName } from "../report/arms.ts";
import { unlikeness, valueText } from "../report/config-text.ts";
import { type Arm, armConfig } from "./comparison-arms.ts";

/** compare.json. */
const Plan = z.object({
  /** The shared configuration file, and what was set beside it. */
  config: z.string(),
  set: z.array(z.string()),
  arms: z.array(z.object({ name: ArmName, set: z.array(z.string()) })),
  seeds: z.array(z.int().min(0)),
  token_budget: z.int().min(1),
  /** modelFingerprint of the starting weights; older comparisons have none. */
  model: z.string().optional(),
});
export type Plan = Readonly<Omit<z.output<typeof Plan>, "arms">> & {
  readonly arms: readonly Arm[];
};

const PLAN = "compare.json";
const LOCK = ".lock";

/** Where a run of the comparison is kept. */
export function runPath(directory: string, arm: Arm, seed: number): string {
  return join(directory, "runs", arm.name, `seed-${seed}`);
}

/**
 * Makes a comparison's directory, or opens it, and claims it for this process.
 * @throws UserError where it holds something else, or another process works on it
 */
export function claimComparison(directory: string): Disposable {
  try {
    const foreign = existsSync(directory) && !isComparison(directory);
    if (foreign) throw new UserError(`${directory}: holds something else than a comparison`);
    mkdirSync(directory, { recursive: true });
    const lock = lockFile(join(directory, LOCK));
    if (lock) return lock;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw unreadable(directory, error, "write");
  }
  throw new UserError(`${directory}: another process makes this comparison`);
}

/**
 * Writes the plan into its directory; one that is there may grow by arms and seeds.
 * @throws UserError where the directory holds another comparison
 */
export function writePlan(directory: string, asked: Plan): Plan {
  const file = join(directory, PLAN);
  try {
    const plan = existsSync(file) ? grown(directory, readPlan(file), asked) : asked;
    // A reader, and a process that is killed meanwhile, find the old plan or the new one.
    writeFileSync(`${file}.partial`, `${JSON.stringify(plan, null, 2)}\n`, { flush: true });
    renameSync(`${file}.partial`, file);
    return plan;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw unreadable(directory, error, "write");
  }
}

function readPlan(file: string): Plan {
  return validate(Plan, parseJson(readFileSync(file, "utf8"), file), file);
}

function grown(directory: string, before: Plan, asked: Plan): Plan {
  const other = (what: string) =>
    new UserError(
      `${directory}: holds a comparison with another ${what}`,
      "name another directory with --out, or repeat the command that made it",
    );
  if (before.token_budget !== asked.token_budget) {
    throw other(`token budget: ${before.token_budget}, not ${asked.token_budget}`);
  }
  const difference = otherConfig(before, asked);
  if (difference !== undefined) throw other(`configuration: ${difference}`);
  if (before.model !== undefined && before.model !== asked.model) {
    throw other("model: its runs began with other weights than are there now");
  }
  const arms = [...before.arms];
  for (const arm of asked.arms) {
    // Names are directories: on some systems capitals make no other one.
    const same = arms.find(({ name }) => name.toLowerCase() === arm.name.toLowerCase());
    if (same && same.name !== arm.name) throw other(`arm "${same.name}"`);
    if (same && !Bun.deepEquals(same.set, arm.set)) throw other(`arm "${arm.name}"`);
    if (!same) arms.push(arm);
  }
  const seeds = [...new Set([...before.seeds, ...asked.seeds])].sort((a, b) => a - b);
  const { config, set } = before;
  return { ...asked, config, set, arms, seeds };
}

/** The first key that an arm would have otherwise; undefined where texts differ in no value. */
function otherConfig(before: Plan, asked: Plan): string | undefined {
  if (before.config === asked.config && Bun.deepEquals(before.set, asked.set)) return undefined;
  for (const arm of [...before.arms, ...asked.arms]) {
    const [there, here] = [before, asked].map((plan) => armConfig(plan, arm, 0, PLAN));
    const [first] = unlikeness([there!, here!]);
    if (!first) continue;
    const [old, now] = first.values.map((value) =>
      value === undefined ? "absent" : valueText(value),
    );
    return `${first.key} is ${old}, not ${now}`;
  }
  return undefined;
}

/** Or nothing but what the beginning of one left. */
function isComparison(directory: string): boolean {
  const names = readdirSync(directory);
  return names.includes(PLAN) || names.every((name) => [LOCK, `${PLAN}.partial`].includes(name));
}
