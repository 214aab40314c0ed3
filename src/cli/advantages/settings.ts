/** From the options of `empg advantages` to a method and its modulation; what says two things at once is refused. */

import { parseMethodName } from "../../algorithm/method-name.ts";
import { AlgorithmConfig, keysOf, METHODS, type MethodName } from "../../algorithm/methods.ts";
import type { TrajectoryModulation } from "../../algorithm/modulated-steps.ts";
import { ModulationConfig } from "../../algorithm/modulation-config.ts";
import {
  clarityOverflow,
  modulationOptions,
  SWITCHED_OFF,
} from "../../algorithm/modulation-options.ts";
import { UserError } from "../../core/errors.ts";
import type { AdvantageFlags } from "./flags.ts";

/** Options that some methods have, with their keys of `[algorithm]`. */
const METHOD_KEYS = {
  std: "std",
  stdEps: "eps",
  baseline: "baseline",
  gamma: "gamma",
  gae: "gae",
  lambda: "lambda",
  stepWeight: "step_weight",
  stepStd: "step_std",
  similarity: "similarity",
} as const;

const MODULATION_KEYS = {
  k: "k",
  kPrime: "k_prime",
  zeta: "zeta",
  eps: "eps",
  normalization: "normalization",
  scope: "scope",
  center: "center",
  stepEntropy: "step_entropy",
} as const;

export interface AdvantageSettings {
  readonly algorithm: AlgorithmConfig;
  readonly modulation: TrajectoryModulation;
}

/** @throws UserError for an option that the method has not, or that says otherwise than its name */
export function advantageSettings(flags: AdvantageFlags): AdvantageSettings {
  const { method, modulation: named } = parseMethodName(flags.method);
  const algorithm: Record<string, unknown> = { method, dialect: flags.dialect };
  for (const [flag, key] of entries(METHOD_KEYS)) {
    const value = flags[flag];
    if (value === undefined) continue;
    if (!keysOf(method).includes(key)) refuseForeign(flag, `${value}`, key, method);
    algorithm[key] = value === "true" || (value === "false" ? false : value);
  }
  const modulation: Record<string, unknown> = { type: flags.modulation, ...named };
  for (const [flag, key] of entries(MODULATION_KEYS)) {
    const value = flags[flag];
    if (value === undefined) continue;
    if (flags.modulation === "none" && Object.hasOwn(SWITCHED_OFF, flag)) {
      refuse(flag, `${value}`, "--modulation none: nothing is modulated");
    }
    const own = named?.[key as keyof typeof named];
    if (own !== undefined && own !== value) {
      refuse(flag, `${value}`, `--method ${flags.method}, which means ${key} = ${own}`);
    }
    modulation[key] = value;
  }
  if (flags.modulation === "none" && named) {
    refuse("modulation", "none", `--method ${flags.method}, which modulates`);
  }
  const config = ModulationConfig.parse(modulation);
  const overflow = clarityOverflow(config);
  if (overflow !== undefined) throw new UserError(`--k-prime ${overflow}`);
  return {
    algorithm: AlgorithmConfig.parse(algorithm),
    modulation: { ...modulationOptions(config), scope: config.scope },
  };
}

function refuseForeign(flag: string, value: string, key: string, method: MethodName): never {
  const having = METHODS.filter((other) => keysOf(other).includes(key));
  throw new UserError(
    `--${kebab(flag)} ${value}: method "${method}" has no such setting`,
    `methods that have it: ${having.join(", ")}`,
  );
}

function refuse(flag: string, value: string, against: string): never {
  throw new UserError(`--${kebab(flag)} ${value} contradicts ${against}`, "leave one of them out");
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function entries<T extends object>(table: T): [keyof T & string, T[keyof T]][] {
  return Object.entries(table) as [keyof T & string, T[keyof T]][];
}
