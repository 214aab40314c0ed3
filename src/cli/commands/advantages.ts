/** `empg advantages`: advantages and their modulation for trajectories from any framework. */

import { hasSuccessor, NO_SUCCESSOR, noteLonelyGroups } from "../../algorithm/comparable.ts";
import { unequalGroups } from "../../algorithm/group-advantage.ts";
import { type AlgorithmConfig, advantagesOf } from "../../algorithm/methods.ts";
import { rawReturn } from "../../algorithm/teaching-groups.ts";
import { UserError } from "../../core/errors.ts";
import { jsonLine } from "../../core/jsonl.ts";
import type { ReturnTrajectory } from "../../rollout/trajectory.ts";
import { ADVANTAGE_FLAGS } from "../advantages/flags.ts";
import { advantageSettings } from "../advantages/settings.ts";
import { defineCommand, type Io } from "../command.ts";
import { required } from "../required.ts";
import { withGpu } from "../with-gpu.ts";

export const command = defineCommand({
  name: "advantages",
  summary: "entropy-modulated advantages of trajectories from any framework, as JSON Lines",
  flags: ADVANTAGE_FLAGS,
  async run(flags, io) {
    const file = required("advantages: --input FILE", flags.input);
    const { algorithm, modulation } = advantageSettings(flags);
    const { modulatedSteps } = await import("../../algorithm/modulated-steps.ts");
    const { readReturnTrajectories } = await import("../../rollout/trajectory.ts");
    const { toldOutcomes } = await import("../told-outcomes.ts");
    const all = await Array.fromAsync(readReturnTrajectories(file));
    if (all.length === 0) io.note(`${file === "-" ? "standard input" : file}: no trajectory`);
    // A fault says nothing about the policy, and where nothing was done nothing can be credited: neither has a vote.
    const sound = all.filter(({ end }) => end !== "fault");
    const played = sound.filter(({ steps }) => steps.length > 0);
    noteLeftOut(io, all.length - sound.length, "ended in a fault");
    noteLeftOut(io, sound.length - played.length, "without a step");
    const whole = comparable(played, algorithm, flags.invalidActionPenalty);
    noteUniform(io, played, whole);
    const lonely = noteLonelyGroups(
      algorithm.method,
      played.map(({ group }) => group),
    );
    if (lonely !== undefined) io.note(lonely);
    const outcomes = toldOutcomes(whole, algorithm, flags.invalidActionPenalty);
    const { steps: bases, tokens } = advantagesOf(algorithm, outcomes);
    const trajectories = whole.map(({ group, entropies }, i) => ({
      group,
      advantage: bases[i]!,
      entropies,
      tokenAdvantages: tokens?.[i],
    }));
    if (modulation.zeta > 0) requireSuccessor(io, file, whole, flags.zeta);
    const steps = trajectories.some(({ entropies }) => entropies.length > 0)
      ? await withGpu(flags.device, io, (gpu) => modulatedSteps(gpu, trajectories, modulation))
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
  penalty: number,
): readonly ReturnTrajectory[] {
  if (uniform_groups === "keep") return trajectories;
  const returns = trajectories.map((one) => rawReturn(one.return, penalty, one.steps));
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

function noteLeftOut(io: Io, count: number, why: string): void {
  if (count === 0) return;
  const episodes = count === 1 ? "1 episode" : `${count} episodes`;
  io.note(`${episodes} ${why}: left out of every mean, with null for an advantage`);
}
