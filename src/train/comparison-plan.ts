/** What a comparison runs: its arms, each a whole configuration, and the file that says so. */

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
import { type NamedMethod, parseMethodName } from "../algorithm/method-name.ts";
import { keysOf, METHODS, type MethodName } from "../algorithm/methods.ts";
import { UserError } from "../core/errors.ts";
import { lockFile } from "../core/file-lock.ts";
import { isObject } from "../core/is-object.ts";
import { parseJson } from "../core/json-text.ts";
import { unreadable } from "../core/text-file.ts";
import { parseToml } from "../core/toml.ts";
import { validate } from "../core/validate.ts";
import { ownSettings, sharedAlgorithm } from "./arm-algorithm.ts";
import type { RunConfig } from "./config.ts";
import { resolveTable } from "./config-file.ts";

/** One column of the comparison: what is set for it beside the shared configuration. */
export interface Arm {
  readonly name: string;
  readonly set: readonly string[];
}

/** compare.json. */
const Plan = z.object({
  /** The shared configuration file, and what was set beside it. */
  config: z.string(),
  set: z.array(z.string()),
  arms: z.array(z.object({ name: z.string(), set: z.array(z.string()) })),
  seeds: z.array(z.int().min(0)),
  token_budget: z.int().min(1),
});
export type Plan = Readonly<Omit<z.output<typeof Plan>, "arms">> & {
  readonly arms: readonly Arm[];
};

/** Names are directories too. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9+._-]*$/;

/** What an arm may have of its own; the rest is what is compared under. */
const OWN = /^\s*(algorithm\.(?!method\b)|modulation\.|optimizer\.)/;

const PLAN = "compare.json";
const LOCK = ".lock";

/** Ends no run: the token budget does. */
const NO_END = 1_000_000;

/** `grpo+scale`: a method by name. @throws UserError listing the names there are */
export function methodArm(name: string): Arm {
  return { name, set: settings(parseMethodName(name)) };
}

/**
 * `NAME=METHOD[,KEY=VALUE…]`: a method with keys of its own, as in
 * `first=grpo+empg,modulation.step_entropy=first`.
 * @throws UserError for another form
 */
export function customArm(text: string): Arm {
  const [, name = "", method = "", rest = ""] = /^([^=,]*)=([^=,]*)(?:,(.*))?$/.exec(text) ?? [];
  if (!NAME.test(name) || method === "") {
    throw new UserError(`--arm ${text}: expected NAME=METHOD[,KEY=VALUE…]`);
  }
  const more = rest === "" ? [] : rest.split(",");
  const shared = more.find((set) => !OWN.test(set));
  if (shared !== undefined) {
    throw new UserError(
      `--arm ${text}: ${shared}: an arm sets keys of [algorithm], [modulation] or [optimizer] alone`,
      "all else, the method too, is the same for all runs of a comparison: --set, or METHOD",
    );
  }
  const named = parseMethodName(method);
  for (const set of more) refuseContradiction(text, method, named, set);
  return { name, set: [...settings(named), ...more] };
}

/** A key of `[modulation]` that the method's name sets otherwise, or that a method without modulation does not read. */
function refuseContradiction(
  arm: string,
  method: string,
  { modulation }: NamedMethod,
  set: string,
): void {
  const [, key, value] = /^\s*modulation\.(\w+)\s*=\s*(.*?)\s*$/.exec(set) ?? [];
  if (key === undefined) return;
  const own = Object.entries(modulation ?? {}).find(([name]) => name === key)?.[1];
  if (modulation && key !== "type" && (own === undefined || `${own}` === value)) return;
  const means = modulation
    ? `${method} means modulation.${key} = ${own ?? "empg"}`
    : `${method} is not modulated`;
  throw new UserError(`--arm ${arm}: ${set}: ${means}`, "name another method, such as grpo+empg");
}

function settings({ method, modulation }: NamedMethod): string[] {
  const type = modulation === undefined ? "none" : "empg";
  const keys = Object.entries(modulation ?? {}).map(([key, value]) => `modulation.${key}=${value}`);
  return [`algorithm.method=${method}`, `modulation.type=${type}`, ...keys];
}

/**
 * The configuration of one run. Of the file's `[algorithm]` it has what holds for its method (arm-algorithm.ts), and nothing
 * that is set for all arms and that its method lacks.
 * @param name stands for the file in errors
 */
export function armConfig(plan: Plan, arm: Arm, seed: number, name: string): RunConfig {
  const raw = parseToml(plan.config, name);
  const method = methodOf(arm);
  const foreign = METHODS.flatMap((other) => keysOf(other)).filter(
    (key) => !keysOf(method).includes(key),
  );
  const { algorithm } = raw;
  const shared = isObject(algorithm) ? { algorithm: sharedAlgorithm(algorithm, method) } : {};
  const isForeign = (set: string) =>
    foreign.some((key) => set.split("=")[0]!.trim() === `algorithm.${key}`);
  const overrides = [
    ...plan.set.filter((set) => !isForeign(set)),
    ...[`train.token_budget=${plan.token_budget}`, `train.iterations=${NO_END}`],
    ...[`run.seed=${seed}`, ...arm.set],
  ];
  return resolveTable({ ...raw, ...shared }, name, overrides);
}

/** What an arm has of its own where the shared file says otherwise. */
export function ownOfArm({ config }: Pick<Plan, "config">, arm: Arm, name: string): string[] {
  const { algorithm } = parseToml(config, name);
  return isObject(algorithm) ? ownSettings(algorithm, methodOf(arm)) : [];
}

function methodOf(arm: Arm): MethodName {
  return arm.set[0]!.slice("algorithm.method=".length) as MethodName;
}

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
  if (before.config !== asked.config || !Bun.deepEquals(before.set, asked.set)) {
    throw other("configuration");
  }
  if (before.token_budget !== asked.token_budget) throw other("token budget");
  const arms = [...before.arms];
  for (const arm of asked.arms) {
    // Names are directories: on some systems capitals make no other one.
    const same = arms.find(({ name }) => name.toLowerCase() === arm.name.toLowerCase());
    if (same && same.name !== arm.name) throw other(`arm "${same.name}"`);
    if (same && !Bun.deepEquals(same.set, arm.set)) throw other(`arm "${arm.name}"`);
    if (!same) arms.push(arm);
  }
  const seeds = [...new Set([...before.seeds, ...asked.seeds])].sort((a, b) => a - b);
  return { ...asked, arms, seeds };
}

/** Or nothing but what the beginning of one left. */
function isComparison(directory: string): boolean {
  const names = readdirSync(directory);
  return names.includes(PLAN) || names.every((name) => [LOCK, `${PLAN}.partial`].includes(name));
}
