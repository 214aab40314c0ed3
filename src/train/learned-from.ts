import { unequalGroups } from "../algorithm/group-advantage.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { RunConfig } from "./config.ts";
import { outcomesOf } from "./outcomes.ts";

/** What is learned from: no faulty episodes and, where the configuration says so, no uniform groups. */
export function learnedFrom(
  trajectories: readonly Trajectory[],
  config: RunConfig,
): readonly Trajectory[] {
  const played = trajectories.filter(({ end, steps }) => end !== "fault" && steps.length > 0);
  const { uniform_groups } = config.algorithm;
  if (uniform_groups === "keep") return played;
  // Where groups are redrawn their rewards are compared, as in DAPO; else what the advantages come from.
  const compared =
    uniform_groups === "redraw"
      ? played.map(rewardOf(config.env.invalid_action_penalty))
      : outcomesOf(played, config).map((outcome) => outcome.return);
  const names = played.map(({ group }) => group);
  return unequalGroups(compared, names).map((index) => played[index]!);
}

/** The return before anything was subtracted, rounded so that equal rewards are equal again. */
function rewardOf(penalty: number): (trajectory: Trajectory) => number {
  return (trajectory) => {
    const invalid = trajectory.steps.filter(({ valid }) => !valid).length;
    return Math.round((trajectory.return + penalty * invalid) * 1e9) / 1e9;
  };
}
