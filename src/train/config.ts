/** The configuration of a whole run: one strict schema, and what cannot be combined. */

import { z } from "zod";
import { AlgorithmConfig, comparesGroups, DEFAULT_METHOD } from "../algorithm/methods.ts";
import { ModulationConfig } from "../algorithm/modulation-config.ts";
import { clarityOverflow } from "../algorithm/modulation-options.ts";
import { isObject } from "../core/is-object.ts";
import { validate } from "../core/validate.ts";
import { USUAL_WORLD, usualFor, usualTokens } from "../env/usual.ts";
import { EnvConfig, RolloutConfig } from "../rollout/rollout-config.ts";
import { overlongLimit } from "./outcomes.ts";
import {
  EvalSection,
  ModelSection,
  OptimizerSection,
  ReportSection,
  RunSection,
  TrainSection,
} from "./sections.ts";

/** Every section may be absent, and every key with a default: an empty file is the demo run. */
export const RunSchema = z.strictObject({
  run: RunSection.prefault({}).describe("the run as a whole"),
  model: ModelSection.prefault({}).describe("the policy that is trained"),
  env: EnvConfig.prefault({}).describe("the world it acts in"),
  rollout: RolloutConfig.prefault({}).describe("how episodes are collected"),
  algorithm: AlgorithmConfig.prefault({ method: DEFAULT_METHOD }).describe(
    "the base method and its loss",
  ),
  modulation: ModulationConfig.prefault({}).describe("entropy modulation of the advantages"),
  optimizer: OptimizerSection.prefault({}).describe("AdamW"),
  train: TrainSection.prefault({}).describe("how long, how much at once, what is kept"),
  eval: EvalSection.prefault({}).describe("measuring success on held-out tasks"),
  report: ReportSection.prefault({}).describe("what is written down beside metrics"),
});

export type RunConfig = z.output<typeof RunSchema>;

const CheckedSchema = RunSchema.superRefine((config, context) => {
  for (const { path, message } of impossibilities(config)) {
    context.addIssue({ code: "custom", path: [...path], message });
  }
});

/**
 * A raw table → the resolved configuration, every default filled in.
 *
 * @param where names the source of a key: the file, or the `--set` that gave it
 * @throws UserError naming source, key, what was found and what is allowed
 */
export function parseConfig(
  raw: Readonly<Record<string, unknown>>,
  where: string | ((path: readonly (string | number)[]) => string),
): RunConfig {
  return validate(CheckedSchema, withUnnamed(raw), where);
}

/** With what decides other keys' defaults where it is absent itself: the method, and the world's own. */
export function withUnnamed(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return withUsual(withDefaultMethod(raw));
}

/** What a world has of its own stands in the place of keys that are absent. */
function withUsual(raw: Record<string, unknown>): Record<string, unknown> {
  const { env, eval: evaluation = {}, model = {}, rollout = {} } = raw;
  if (!isObject(env)) return raw;
  const { name = USUAL_WORLD } = env;
  if (typeof name !== "string") return raw;
  if (!isObject(evaluation) || !isObject(model) || !isObject(rollout)) return raw;
  const format = isObject(env.option) ? String(env.option.format) : undefined;
  const usual = usualFor(name);
  const inData = env.data === undefined ? undefined : usual.measuredInData;
  return {
    ...raw,
    env: { max_turns: usual.turns, ...env },
    eval: { split: inData ?? usual.measured, ...evaluation },
    rollout: { max_tokens_per_turn: usualTokens(name, format), ...rollout },
    model: { ...(usual.model && { path: usual.model }), ...model },
  };
}

/** The method may be left out like any key, though it decides which others exist. */
function withDefaultMethod(raw: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { algorithm } = raw;
  if (!isObject(algorithm) || "method" in algorithm) return { ...raw };
  return { ...raw, algorithm: { method: DEFAULT_METHOD, ...algorithm } };
}

interface Impossibility {
  readonly path: readonly string[];
  readonly message: string;
}

/** Combinations of valid values that cannot be trained. */
function impossibilities(config: RunConfig): Impossibility[] {
  const { env, rollout, algorithm, modulation, train } = config;
  const found: Impossibility[] = [];
  if (comparesGroups(algorithm.method) && rollout.group_size < 2) {
    found.push({
      path: ["rollout", "group_size"],
      message:
        `rollout.group_size is ${rollout.group_size}, but algorithm.method "${algorithm.method}" compares the ` +
        "episodes of a group: allowed: a whole number ≥ 2",
    });
  }
  if (rollout.group_size < 2 && algorithm.uniform_groups !== "keep") {
    found.push({
      path: ["algorithm", "uniform_groups"],
      message:
        `algorithm.uniform_groups is "${algorithm.uniform_groups}", but with rollout.group_size = 1 every group ` +
        'is uniform and nothing would be left: allowed: "keep"',
    });
  }
  const trajectories = rollout.tasks_per_iteration * rollout.group_size;
  const { overlong_penalty, overlong_buffer = 1 } = algorithm;
  if (overlong_penalty > 0 && overlong_buffer > overlongLimit(config)) {
    found.push({
      path: ["algorithm", "overlong_buffer"],
      message:
        `algorithm.overlong_buffer is ${overlong_buffer}, but the penalty ends at ${overlongLimit(config)} tokens of ` +
        `${algorithm.overlong_of === "turn" ? "a turn" : "an episode"}: allowed: a whole number from 1 to ` +
        `${overlongLimit(config)}`,
    });
  }
  if (train.minibatches > trajectories) {
    found.push({
      path: ["train", "minibatches"],
      message:
        `train.minibatches is ${train.minibatches}, but an iteration has only ${trajectories} ` +
        "trajectories (rollout.tasks_per_iteration × rollout.group_size)",
    });
  }
  if (train.micro_batch_tokens < rollout.max_tokens_per_turn) {
    found.push({
      path: ["train", "micro_batch_tokens"],
      message:
        `train.micro_batch_tokens is ${train.micro_batch_tokens}, too small for one turn of ` +
        `rollout.max_tokens_per_turn = ${rollout.max_tokens_per_turn}`,
    });
  }
  if (modulation.type === "empg" && modulation.zeta > 0 && env.max_turns === 1) {
    found.push({
      path: ["env", "max_turns"],
      message:
        `modulation.zeta is ${modulation.zeta}, but with env.max_turns = 1 no step has a successor ` +
        "whose clarity could be rewarded: allowed: 0",
    });
  }
  const overflow = clarityOverflow(modulation);
  if (overflow !== undefined) {
    found.push({ path: ["modulation", "k_prime"], message: `modulation.k_prime ${overflow}` });
  }
  if (modulation.type === "empg" && modulation.center === "none") {
    found.push({
      path: ["modulation", "center"],
      message:
        'modulation.center "none" belongs to modulation.type "none"; with "empg" allowed: ' +
        '"all", "bonus" or "trajectory"',
    });
  }
  return found;
}
