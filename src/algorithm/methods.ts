/** The base methods by name: their configurations, and their advantages. */

import { z } from "zod";
import { DapoConfig, dapo } from "./dapo.ts";
import type { EpisodeOutcome } from "./episode-outcome.ts";
import { GrpoConfig, grpo } from "./grpo.ts";

/** `[algorithm]`: the method by name, and that method's own options. */
export const AlgorithmConfig = z.discriminatedUnion("method", [GrpoConfig, DapoConfig]);
export type AlgorithmConfig = z.output<typeof AlgorithmConfig>;
export type MethodName = AlgorithmConfig["method"];

export const METHODS: readonly MethodName[] = AlgorithmConfig.options.map(
  ({ shape }) => shape.method.value,
);

/** The method of a configuration that names none. */
export const DEFAULT_METHOD: MethodName = "grpo";

/** Methods that compare the episodes of a group with one another: a group of one has nothing to compare. */
export function comparesGroups(_method: MethodName): boolean {
  return true;
}

/** The keys that a method knows in `[algorithm]`. */
export function keysOf(method: MethodName): readonly string[] {
  const config = AlgorithmConfig.options.find(({ shape }) => shape.method.value === method);
  return Object.keys(config?.shape ?? {});
}

/**
 * A of the base method for every step of every episode.
 * @param episodes without faults; every one has a step
 */
export function advantagesOf(
  config: AlgorithmConfig,
  episodes: readonly EpisodeOutcome[],
): number[][] {
  switch (config.method) {
    case "grpo":
      return grpo(episodes, config);
    case "dapo":
      return dapo(episodes, config);
  }
}
