/** The base methods by name: their configurations, and their advantages. */

import { z } from "zod";
import { DapoConfig, dapo } from "./dapo.ts";
import type { Advantages, EpisodeOutcome } from "./episode-outcome.ts";
import { GigpoConfig, gigpo } from "./gigpo.ts";
import { GrpoConfig, grpo } from "./grpo.ts";
import { PpoConfig, ppo } from "./ppo.ts";
import { ReinforceConfig, reinforce } from "./reinforce.ts";
import { RlooConfig, rloo } from "./rloo.ts";

/** `[algorithm]`: the method by name, and that method's own options. */
export const AlgorithmConfig = z.discriminatedUnion("method", [
  GrpoConfig,
  DapoConfig,
  PpoConfig,
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
  return method !== "reinforce" && method !== "ppo";
}

/** The advantages are of order 1 whatever the rewards' scale. */
export function dividesByDeviation(config: AlgorithmConfig): boolean {
  return config.method === "ppo" || ("std" in config && config.std);
}

/** A configuration whose method has a critic: a value head is trained beside the policy. */
export type CriticConfig = Extract<AlgorithmConfig, { method: "ppo" }>;

export function hasCritic(config: AlgorithmConfig): config is CriticConfig {
  return config.method === "ppo";
}

/** The keys that a method knows in `[algorithm]`. */
export function keysOf(method: MethodName): readonly string[] {
  const config = AlgorithmConfig.options.find(({ shape }) => shape.method.value === method);
  return Object.keys(config?.shape ?? {});
}

/**
 * A of the base method for every step of every episode.
 * @param episodes without faults; every one has a step, and values where the method has a critic
 */
export function advantagesOf(
  config: AlgorithmConfig,
  episodes: readonly EpisodeOutcome[],
): Advantages {
  switch (config.method) {
    case "grpo":
      return { steps: grpo(episodes, config) };
    case "dapo":
      return { steps: dapo(episodes, config) };
    case "ppo":
      return ppo(episodes, config);
    case "gigpo":
      return { steps: gigpo(episodes, config) };
    case "rloo":
      return { steps: rloo(episodes, config) };
    case "reinforce":
      return { steps: reinforce(episodes, config) };
  }
}
