/** `empg advantages`: advantages and their modulation for trajectories from any framework. */

import { GrpoConfig } from "../../algorithm/grpo.ts";
import { parseMethodName } from "../../algorithm/method-name.ts";
import {
  AlgorithmConfig,
  advantagesOf,
  hasCritic,
  keysOf,
  type MethodName,
} from "../../algorithm/methods.ts";
import { ModulationConfig } from "../../algorithm/modulation-config.ts";
import { PpoConfig } from "../../algorithm/ppo.ts";
import { jsonLine } from "../../core/jsonl.ts";
import { defineCommand, type Io } from "../command.ts";
import { choice, number, text } from "../flags.ts";
import { required } from "../required.ts";
import { withGpu } from "../with-gpu.ts";

const GRPO = GrpoConfig.parse({ method: "grpo" });
const PPO = PpoConfig.parse({ method: "ppo" });
const EMPG = ModulationConfig.parse({});
const { normalization, scope, center, step_entropy } = ModulationConfig.shape;

/** As in a configuration: what is above leaves single precision behind. */
const LARGEST = 1e6;

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
    method: text("NAME", "the base method, or one with its modulation, as in grpo+scale", {
      fallback: "grpo",
    }),
    std: choice(["true", "false"], "divide by the group's standard deviation; false is Dr.GRPO", {
      fallback: `${GRPO.std}`,
    }),
    stdEps: number("X", "added to the standard deviation", {
      exclusiveMinimum: 0,
      fallback: GRPO.eps,
    }),
    gae: choice(PpoConfig.shape.gae.unwrap().options, "ppo: what has a value of its own", {
      fallback: PPO.gae,
    }),
    gamma: number("X", "ppo: discount of the next value", {
      minimum: 0,
      maximum: 1,
      fallback: PPO.gamma,
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
    zeta: number("X", "weight of the next step's clarity; 0 removes the bonus", {
      minimum: 0,
      maximum: LARGEST,
      fallback: EMPG.zeta,
    }),
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
  async run(
    { input, method, std, stdEps, gae, gamma, lambda, modulation, device, json: _, ...rest },
    io,
  ) {
    const { seed: __, ...options } = rest;
    const file = required("advantages: --input FILE", input);
    const named = parseMethodName(method);
    const { modulatedSteps } = await import("../../algorithm/modulated-steps.ts");
    const { criticValues, readReturnTrajectories } = await import("../../rollout/trajectory.ts");
    const all = await Array.fromAsync(readReturnTrajectories(file));
    // A fault says nothing about the policy: it votes in no mean, and gets nothing.
    const whole = all.filter(({ end }) => end !== "fault");
    noteFaults(io, all.length - whole.length);
    const config = configOf(named.method, { std: std === "true", eps: stdEps, gae, gamma, lambda });
    const outcomes = whole.map((episode) => {
      const values = hasCritic(config) ? criticValues(episode, config.gae) : [];
      const steps = episode.steps.map((step, t) => ({ ...step, values: values[t] }));
      return { group: episode.group, return: episode.return, steps };
    });
    const { steps: bases, tokens } = advantagesOf(config, outcomes);
    const trajectories = whole.map(({ group, entropies }, i) => ({
      group,
      advantage: bases[i]!,
      entropies,
      tokenAdvantages: tokens?.[i],
    }));
    const off = { k: 0, zeta: 0, center: "none" as const };
    const change = named.modulation ?? (modulation === "none" ? off : {});
    const steps = trajectories.some(({ entropies }) => entropies.length > 0)
      ? await withGpu(device, io, (gpu) =>
          modulatedSteps(gpu, trajectories, { ...options, ...change }),
        )
      : [];
    let at = 0;
    for (const { episode, end, entropies } of all) {
      const place = end === "fault" ? undefined : at++;
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

/** One number for an episode whose steps may differ. */
function mean(values: readonly number[]): number {
  return values.every((value) => value === values[0])
    ? (values[0] ?? 0)
    : values.reduce((a, b) => a + b) / values.length;
}

function noteFaults(io: Io, count: number): void {
  if (count === 0) return;
  const episodes = count === 1 ? "1 episode" : `${count} episodes`;
  io.note(`${episodes} ended in a fault: left out of every mean, with null for an advantage`);
}
