/** `empg advantages`: advantages and their modulation for trajectories from any framework. */

import { hasSuccessor, NO_SUCCESSOR, noteLonelyGroups } from "../../algorithm/comparable.ts";
import { DIALECT_NAMES } from "../../algorithm/dialect.ts";
import { GigpoConfig } from "../../algorithm/gigpo.ts";
import { unequalGroups } from "../../algorithm/group-advantage.ts";
import { GrpoConfig } from "../../algorithm/grpo.ts";
import { parseMethodName } from "../../algorithm/method-name.ts";
import {
  AlgorithmConfig,
  advantagesOf,
  keysOf,
  METHODS,
  type MethodName,
} from "../../algorithm/methods.ts";
import { ModulationConfig } from "../../algorithm/modulation-config.ts";
import { PpoConfig } from "../../algorithm/ppo.ts";
import { ReinforceConfig } from "../../algorithm/reinforce.ts";
import { UserError } from "../../core/errors.ts";
import { jsonLine } from "../../core/jsonl.ts";
import type { ReturnTrajectory } from "../../rollout/trajectory.ts";
import { defineCommand, type Io } from "../command.ts";
import { choice, number, text } from "../flags.ts";
import { required } from "../required.ts";
import { withGpu } from "../with-gpu.ts";

const GRPO = GrpoConfig.parse({ method: "grpo" });
const GIGPO = GigpoConfig.parse({ method: "gigpo" });
const { baseline } = ReinforceConfig.shape;
const PPO = PpoConfig.parse({ method: "ppo" });
const EMPG = ModulationConfig.parse({});
const { normalization, scope, center, step_entropy } = ModulationConfig.shape;

/** As in a configuration: what is above leaves single precision behind. */
const LARGEST = 1e6;
const SWITCH = ["true", "false"] as const;

export const command = defineCommand({
  name: "advantages",
  summary: "entropy-modulated advantages of trajectories from any framework, as JSON Lines",
  flags: {
    input: text(
      "FILE",
      "JSON Lines with group, return, and per step entropies, or entropy with token_count; for ppo also value, or values " +
        "per token; " +
        "- is standard input",
    ),
    method: text(
      "NAME",
      `the base method (${METHODS.join(", ")}), alone or with its modulation, as in grpo+scale`,
      { fallback: "grpo" },
    ),
    std: choice(
      SWITCH,
      "divide by the group's standard deviation (default true, gigpo: false); false is Dr.GRPO",
    ),
    stdEps: number("X", "added to the standard deviation", {
      exclusiveMinimum: 0,
      fallback: GRPO.eps,
    }),
    baseline: choice(baseline.unwrap().options, "reinforce: what is subtracted from the return", {
      fallback: "batch",
    }),
    gamma: number("X", "discount of a turn's or token's later rewards (gigpo 0.95, ppo 1)", {
      minimum: 0,
      maximum: 1,
    }),
    stepWeight: number("X", "gigpo: weight of the step part", {
      minimum: 0,
      maximum: LARGEST,
      fallback: GIGPO.step_weight,
    }),
    stepStd: choice(SWITCH, "gigpo: divide the step part by its standard deviation", {
      fallback: `${GIGPO.step_std}`,
    }),
    similarity: number("X", "gigpo: how alike observations are that count as one state; 1: equal", {
      exclusiveMinimum: 0,
      maximum: 1,
      fallback: GIGPO.similarity,
    }),
    invalidActionPenalty: number(
      "X",
      "gigpo: what the returns have subtracted per invalid action",
      {
        minimum: 0,
        fallback: 0,
      },
    ),
    dialect: choice(DIALECT_NAMES, "whose rules hold where published trainers differ", {
      fallback: GRPO.dialect,
    }),
    gae: choice(PpoConfig.shape.gae.unwrap().options, "ppo: what has a value of its own", {
      fallback: PPO.gae,
    }),
    lambda: number("X", "ppo: 0 trusts the critic, 1 the returns", {
      minimum: 0,
      maximum: 1,
      fallback: PPO.lambda,
    }),
    modulation: choice(["empg", "none"], "how entropy modulates", { fallback: EMPG.type }),
    k: number("X", "sharpness of the gate; 0 removes the scaling", {
      minimum: 0,
      maximum: LARGEST,
      fallback: EMPG.k,
    }),
    kPrime: number("X", "sharpness of the clarity", {
      minimum: 0,
      maximum: LARGEST,
      fallback: EMPG.k_prime,
    }),
    zeta: number(
      "X",
      `weight of the next step's clarity; 0 removes the bonus (default ${EMPG.zeta})`,
      { minimum: 0, maximum: LARGEST },
    ),
    eps: number("X", "added to the denominators of the normalized entropy and the gate", {
      exclusiveMinimum: 0,
      fallback: EMPG.eps,
    }),
    normalization: choice(normalization.unwrap().options, "how entropies are normalized", {
      fallback: EMPG.normalization,
    }),
    scope: choice(scope.unwrap().options, "the steps that all statistics run over", {
      fallback: EMPG.scope,
    }),
    center: choice(center.unwrap().options, "what is centred", { fallback: EMPG.center }),
    stepEntropy: choice(step_entropy.unwrap().options, "which token entropy stands for a step", {
      fallback: EMPG.step_entropy,
    }),
  },
  async run({ input, method, modulation, device, zeta, ...flags }, io) {
    const file = required("advantages: --input FILE", input);
    const named = parseMethodName(method);
    const config = configOf(named.method, {
      ...(flags.std === undefined ? {} : { std: flags.std === "true" }),
      ...{ eps: flags.stdEps, baseline: flags.baseline, dialect: flags.dialect },
      ...(flags.gamma === undefined ? {} : { gamma: flags.gamma }),
      ...{ gae: flags.gae, lambda: flags.lambda },
      ...{ step_weight: flags.stepWeight, similarity: flags.similarity },
      step_std: flags.stepStd === "true",
    });
    const { modulatedSteps } = await import("../../algorithm/modulated-steps.ts");
    const { readReturnTrajectories } = await import("../../rollout/trajectory.ts");
    const { toldOutcomes } = await import("../told-outcomes.ts");
    const all = await Array.fromAsync(readReturnTrajectories(file));
    // A fault says nothing about the policy: it votes in no mean, and gets nothing.
    const played = all.filter(({ end }) => end !== "fault");
    noteFaults(io, all.length - played.length);
    const whole = comparable(played, config);
    noteUniform(io, played, whole);
    const lonely = noteLonelyGroups(
      named.method,
      played.map(({ group }) => group),
    );
    if (lonely !== undefined) io.note(lonely);
    const outcomes = toldOutcomes(whole, config, flags.invalidActionPenalty);
    const { steps: bases, tokens } = advantagesOf(config, outcomes);
    const trajectories = whole.map(({ group, entropies }, i) => ({
      group,
      advantage: bases[i]!,
      entropies,
      tokenAdvantages: tokens?.[i],
    }));
    const off = { k: 0, zeta: 0, center: "none" as const };
    const change = named.modulation ?? (modulation === "none" ? off : {});
    const { k, kPrime, eps, normalization, scope, center, stepEntropy } = flags;
    const options = {
      ...{ k, kPrime, eps, normalization, scope, center, stepEntropy },
      ...{ zeta: zeta ?? EMPG.zeta, ...change },
    };
    if (options.zeta > 0) requireSuccessor(io, file, whole, zeta);
    const steps = trajectories.some(({ entropies }) => entropies.length > 0)
      ? await withGpu(device, io, (gpu) => modulatedSteps(gpu, trajectories, options))
      : [];
    const places = new Map(whole.map((trajectory, place) => [trajectory, place]));
    for (const trajectory of all) {
      const { episode, entropies } = trajectory;
      const place = places.get(trajectory);
      io.out(
        jsonLine({
          episode,
          advantage: place === undefined ? null : mean(bases[place]!),
          steps: entropies.map((_, t) => {
            const step = place === undefined ? undefined : steps[place]?.[t];
            return {
              entropy: step?.entropy ?? null,
              normalized_entropy: step?.normalizedEntropy ?? null,
              scale: step?.scale ?? null,
              clarity: step?.clarity ?? null,
              advantage: step?.advantage ?? null,
              ...(step?.tokenAdvantages && { token_advantages: step.tokenAdvantages }),
            };
          }),
        }).trimEnd(),
      );
    }
  },
});

/** The method's configuration, with those of the settings that it knows. */
function configOf(method: MethodName, settings: Readonly<Record<string, unknown>>) {
  const known = Object.entries(settings).filter(([key]) => keysOf(method).includes(key));
  return AlgorithmConfig.parse({ method, ...Object.fromEntries(known) });
}

/** @param asked zeta where it was asked for */
function requireSuccessor(
  io: Io,
  file: string,
  trajectories: readonly ReturnTrajectory[],
  asked: number | undefined,
): void {
  const counts = trajectories.map(({ entropies }) => entropies.map(({ length }) => length));
  if (trajectories.length === 0 || hasSuccessor(counts)) return;
  if (asked === undefined) io.note(NO_SUCCESSOR);
  else throw new UserError(`--zeta ${asked}: no step of ${file} has a successor`, "allowed: 0");
}

/** One number for an episode whose steps may differ. */
function mean(values: readonly number[]): number {
  return values.every((value) => value === values[0])
    ? (values[0] ?? 0)
    : values.reduce((a, b) => a + b) / values.length;
}

/** A method that drops or redraws groups without a difference takes no statistics over them. */
function comparable(
  trajectories: readonly ReturnTrajectory[],
  { uniform_groups }: AlgorithmConfig,
): readonly ReturnTrajectory[] {
  if (uniform_groups === "keep") return trajectories;
  const returns = trajectories.map((trajectory) => trajectory.return);
  const groups = trajectories.map(({ group }) => group);
  return unequalGroups(returns, groups).map((index) => trajectories[index]!);
}

function noteUniform(
  io: Io,
  played: readonly ReturnTrajectory[],
  whole: readonly ReturnTrajectory[],
): void {
  const left = new Set(whole.map(({ group }) => group));
  const count = new Set(played.map(({ group }) => group)).difference(left).size;
  if (count === 0) return;
  const groups = count === 1 ? "1 group" : `${count} groups`;
  io.note(
    `${groups} without a difference: left out as the method does, with null for an advantage`,
  );
}

function noteFaults(io: Io, count: number): void {
  if (count === 0) return;
  const episodes = count === 1 ? "1 episode" : `${count} episodes`;
  io.note(`${episodes} ended in a fault: left out of every mean, with null for an advantage`);
}
