/** The base methods by name: their configurations, and their advantages. */

import { z } from "zod";
import { DapoConfig, dapo } from "./dapo.ts";
import type { EpisodeOutcome } from "./episode-outcome.ts";
import { GigpoConfig, gigpo } from "./gigpo.ts";
import { GrpoConfig, grpo } from "./grpo.ts";
import { ReinforceConfig, reinforce } from "./reinforce.ts";
import { RlooConfig, rloo } from "./rloo.ts";

/** `[algorithm]`: the method by name, and that method's own options. */
export const AlgorithmConfig = z.discriminatedUnion("method", [
  GrpoConfig,
  DapoConfig,
  GigpoConfig,
  RlooConfig,
  ReinforceConfig,
]);
export type AlgorithmConfig = z.output<typeof AlgorithmConfig>;
export type MethodName = AlgorithmConfig["method"];

export const METHODS: readonly MethodName[] = AlgorithmConfig.options.map(
  ({ shape }) => shape.method.value,
);

/** The method of a configuration that names none. */
export const DEFAULT_METHOD: MethodName = "grpo";

/** Methods that compare the episodes of a group with one another: a group of one has nothing to compare. */
export function comparesGroups(method: MethodName): boolean {
  return method !== "reinforce";
}

/** The advantages are of order 1 whatever the rewards' scale. */
export function dividesByDeviation(config: AlgorithmConfig): boolean {
  return "std" in config && config.std;
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
    case "gigpo":
      return gigpo(episodes, config);
    case "rloo":
      return rloo(episodes, config);
    case "reinforce":
      return reinforce(episodes, config);
  }
}
