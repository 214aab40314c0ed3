/** The options of `empg advantages`. Without a fallback are those that a method or its name may decide: settings.ts. */

import { DIALECT_NAMES } from "../../algorithm/dialect.ts";
import { GigpoConfig } from "../../algorithm/gigpo.ts";
import { GrpoConfig } from "../../algorithm/grpo.ts";
import { METHODS } from "../../algorithm/methods.ts";
import { ModulationConfig } from "../../algorithm/modulation-config.ts";
import { PpoConfig } from "../../algorithm/ppo.ts";
import { ReinforceConfig } from "../../algorithm/reinforce.ts";
import { choice, number, type Parsed, text } from "../flags.ts";

const GRPO = GrpoConfig.parse({ method: "grpo" });
const GIGPO = GigpoConfig.parse({ method: "gigpo" });
const REINFORCE = ReinforceConfig.parse({ method: "reinforce" });
const { baseline } = ReinforceConfig.shape;
const PPO = PpoConfig.parse({ method: "ppo" });
const EMPG = ModulationConfig.parse({});
const { normalization, scope, center, step_entropy } = ModulationConfig.shape;

/** As in a configuration: what is above leaves single precision behind. */
const LARGEST = 1e6;
const SWITCH = ["true", "false"] as const;

export const ADVANTAGE_FLAGS = {
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
  stdEps: number("X", `added to the standard deviation (default ${GRPO.eps})`, {
    exclusiveMinimum: 0,
  }),
  baseline: choice(
    baseline.unwrap().options,
    `reinforce: what is subtracted from the return (default ${REINFORCE.baseline})`,
  ),
  gamma: number("X", "discount of a turn's or token's later rewards (gigpo 0.95, ppo 1)", {
    minimum: 0,
    maximum: 1,
  }),
  stepWeight: number("X", `gigpo: weight of the step part (default ${GIGPO.step_weight})`, {
    minimum: 0,
    maximum: LARGEST,
  }),
  stepStd: choice(
    SWITCH,
    `gigpo: divide the step part by its standard deviation (default ${GIGPO.step_std})`,
  ),
  similarity: number(
    "X",
    `gigpo: how alike observations are that count as one state (default ${GIGPO.similarity}: equal)`,
    { exclusiveMinimum: 0, maximum: 1 },
  ),
  invalidActionPenalty: number(
    "X",
    "what the returns have subtracted per invalid action: gigpo's steps, dapo's uniform groups, verl-agent's rows",
    {
      minimum: 0,
      fallback: 0,
    },
  ),
  dialect: choice(DIALECT_NAMES, "whose rules hold where published trainers differ", {
    fallback: GRPO.dialect,
  }),
  gae: choice(
    PpoConfig.shape.gae.unwrap().options,
    `ppo: what has a value of its own (default ${PPO.gae})`,
  ),
  lambda: number("X", `ppo: 0 trusts the critic, 1 the returns (default ${PPO.lambda})`, {
    minimum: 0,
    maximum: 1,
  }),
  modulation: choice(["empg", "none"], `how entropy modulates (default ${EMPG.type})`),
  k: number("X", `sharpness of the gate; 0 removes the scaling (default ${EMPG.k})`, {
    minimum: 0,
    maximum: LARGEST,
  }),
  kPrime: number("X", `sharpness of the clarity (default ${EMPG.k_prime})`, {
    minimum: 0,
    maximum: LARGEST,
  }),
  zeta: number(
    "X",
    `weight of the next step's clarity; 0 removes the bonus (default ${EMPG.zeta})`,
    { minimum: 0, maximum: LARGEST },
  ),
  eps: number(
    "X",
    `added to the denominators of the normalized entropy and the gate (default ${EMPG.eps})`,
    { exclusiveMinimum: 0 },
  ),
  normalization: choice(
    normalization.unwrap().options,
    `how entropies are normalized (default ${EMPG.normalization})`,
  ),
  scope: choice(
    scope.unwrap().options,
    `the steps that all statistics run over (default ${EMPG.scope})`,
  ),
  center: choice(center.unwrap().options, `what is centred (default ${EMPG.center})`),
  stepEntropy: choice(
    step_entropy.unwrap().options,
    `which token entropy stands for a step (default ${EMPG.step_entropy})`,
  ),
};

export type AdvantageFlags = Parsed<typeof ADVANTAGE_FLAGS, Record<never, never>>;
