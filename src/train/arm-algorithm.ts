/**
 * What a comparison's file says under `[algorithm]` is a decision for all arms only where it departs from what is usual
 * for the file's own method: `empg init` and a run's config.toml write every key, and DAPO with GRPO's clipping would be
 * GRPO under another name.
 */

import {
  AlgorithmConfig,
  comparesGroups,
  DEFAULT_METHOD,
  METHODS,
  type MethodName,
} from "../algorithm/methods.ts";

type Keys = Readonly<Record<string, unknown>>;

/** The keys of the shared table that hold for a method; unknown ones stay, for whoever validates. */
export function sharedAlgorithm(shared: Keys, method: MethodName): Keys {
  return Object.fromEntries(Object.entries(shared).filter(([key]) => holds(key, shared, method)));
}

/** What an arm has of its own where the file says otherwise: `clip_high 0.28`; empty where nothing differs. */
export function ownSettings(shared: Keys, method: MethodName): string[] {
  const own = usual(method);
  return Object.entries(shared)
    .filter(([key, value]) => key !== "method" && key in own && own[key] !== value)
    .filter(([key]) => !holds(key, shared, method))
    .map(([key]) => `${key} ${own[key]}`);
}

function holds(key: string, shared: Keys, method: MethodName): boolean {
  const own = usual(method);
  if (!(key in own)) return !METHODS.some((other) => key in usual(other));
  // Who redraws uniform groups leaves them out by that; who compares no groups learns from them.
  const leavesGroups = comparesGroups(method) && own.uniform_groups !== "redraw";
  if (key === "uniform_groups" && !leavesGroups) return false;
  const written = METHODS.find((name) => name === shared.method) ?? DEFAULT_METHOD;
  return shared[key] !== usual(written)[key];
}

function usual(method: MethodName): Keys {
  return AlgorithmConfig.parse({ method });
}
