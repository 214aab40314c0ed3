/** The arms of a comparison: each a method by name, perhaps with keys of its own, and the configuration that it comes to. */

import { type NamedMethod, parseMethodName } from "../algorithm/method-name.ts";
import { keysOf, METHODS, type MethodName } from "../algorithm/methods.ts";
import { UserError } from "../core/errors.ts";
import { isObject } from "../core/is-object.ts";
import { parseToml } from "../core/toml.ts";
import { ArmName } from "../report/arms.ts";
import { unlikeness } from "../report/config-text.ts";
import { UNLIMITED_ITERATIONS } from "../report/run-end.ts";
import { ownSettings, sharedAlgorithm } from "./arm-algorithm.ts";
import type { RunConfig } from "./config.ts";
import { resolveTable } from "./config-file.ts";

/** One column of the comparison: what is set for it beside the shared configuration. */
export interface Arm {
  readonly name: string;
  readonly set: readonly string[];
}

/** What all arms share. */
export interface Shared {
  /** The configuration file's text, and what was set beside it. */
  readonly config: string;
  readonly set: readonly string[];
}

/** What an arm may have of its own; the rest is what is compared under. */
const OWN = /^\s*(algorithm\.(?!method\b)|modulation\.|optimizer\.)/;

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
  if (!ArmName.safeParse(name).success || method === "") {
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
 * The configuration of an arm before a comparison gives it seed and budget. Of the file's `[algorithm]` it has what holds for
 * its method (arm-algorithm.ts), and nothing that is set for all arms and that its method lacks.
 * @param name stands for the file in errors
 */
export function givenConfig(shared: Shared, arm: Arm, name: string): RunConfig {
  return resolved(shared, arm, name, []);
}

/** The configuration of one run. @param name stands for the file in errors */
export function armConfig(
  shared: Shared & { readonly token_budget: number },
  arm: Arm,
  seed: number,
  name: string,
): RunConfig {
  return resolved(shared, arm, name, [
    ...[`train.token_budget=${shared.token_budget}`, `train.iterations=${UNLIMITED_ITERATIONS}`],
    `run.seed=${seed}`,
  ]);
}

function resolved(shared: Shared, arm: Arm, name: string, fixed: readonly string[]): RunConfig {
  const raw = parseToml(shared.config, name);
  const method = methodOf(arm);
  const foreign = METHODS.flatMap((other) => keysOf(other)).filter(
    (key) => !keysOf(method).includes(key),
  );
  const { algorithm } = raw;
  const own = isObject(algorithm) ? { algorithm: sharedAlgorithm(algorithm, method) } : {};
  const isForeign = (set: string) => foreign.some((key) => keyOf(set) === `algorithm.${key}`);
  const overrides = [...shared.set.filter((set) => !isForeign(set)), ...fixed];
  return resolveTable({ ...raw, ...own }, name, [
    ...overrides.map((set) => ({ set, source: "--set" })),
    ...arm.set.map((set) => ({ set, source: `arm "${arm.name}"` })),
  ]);
}

/** What an arm has of its own where the shared file says otherwise. */
export function ownOfArm({ config }: Pick<Shared, "config">, arm: Arm, name: string): string[] {
  const { algorithm } = parseToml(config, name);
  return isObject(algorithm) ? ownSettings(algorithm, methodOf(arm)) : [];
}

/**
 * Arms whose names promise what their configurations do.
 * @throws UserError for an arm whose half of EMPG is switched off for all, and for two that are one
 */
export function requireDistinctArms(
  arms: readonly { readonly arm: Arm; readonly config: RunConfig }[],
): void {
  for (const { arm, config } of arms) {
    const { type, k, zeta } = config.modulation;
    if (type === "none") continue;
    const own = arm.set.map(keyOf);
    const off = Object.entries({ k, zeta }).find(
      ([key, value]) => value === 0 && !own.includes(`modulation.${key}`),
    );
    if (!off) continue;
    throw new UserError(
      `arm "${arm.name}": modulation.${off[0]} is 0 for all arms, which takes away what its name says`,
      "leave that key out: +scale, +clarity and +center set it for the arms that they name",
    );
  }
  for (const [i, one] of arms.entries()) {
    const same = arms.slice(0, i).find(({ config }) => alike(config, one.config));
    if (!same) continue;
    throw new UserError(
      `arms "${same.arm.name}" and "${one.arm.name}" are one configuration: their runs would be the same`,
    );
  }
}

/** Keys that an arm's name decides. @throws UserError where they are set for all */
export function refuseArmKeys(set: readonly string[]): void {
  const found = set.find((one) => ["algorithm.method", "modulation.type"].includes(keyOf(one)));
  if (found === undefined) return;
  throw new UserError(
    `--set ${found}: the names of the arms say that`,
    "--methods grpo,grpo+empg, or --arm NAME=METHOD,KEY=VALUE",
  );
}

function alike(a: RunConfig, b: RunConfig): boolean {
  return unlikeness([experiment(a), experiment(b)]).length === 0;
}

/** Without modulation its other keys have no effect. */
function experiment(config: RunConfig) {
  const { type } = config.modulation;
  return type === "none" ? { ...config, modulation: { type } } : config;
}

function methodOf(arm: Arm): MethodName {
  return arm.set[0]!.slice("algorithm.method=".length) as MethodName;
}

function keyOf(set: string): string {
  return set.split("=")[0]!.trim();
}
