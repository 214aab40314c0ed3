import { unequalGroups } from "../algorithm/group-advantage.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { RunConfig } from "./config.ts";

/** What is learned from: no faulty episodes and, where the configuration says so, no uniform groups. */
export function learnedFrom(
  trajectories: readonly Trajectory[],
  config: RunConfig,
): readonly Trajectory[] {
  const played = trajectories.filter(({ end, steps }) => end !== "fault" && steps.length > 0);
  const { uniform_groups } = config.algorithm;
  if (uniform_groups === "keep") return played;
  // Where groups are redrawn their rewards are compared, as in DAPO; else what the advantages come from.
  const { invalid_action_penalty: penalty } = config.env;
  const compared = uniform_groups === "redraw" ? rewardOf(penalty) : returnOf;
  const names = played.map(({ group }) => group);
  return unequalGroups(played.map(compared), names).map((index) => played[index]!);
}

function returnOf(trajectory: Trajectory): number {
  return trajectory.return;
}

/** The return before anything was subtracted, rounded so that equal rewards are equal again. */
function rewardOf(penalty: number): (trajectory: Trajectory) => number {
  return (trajectory) => {
    const invalid = trajectory.steps.filter(({ valid }) => !valid).length;
    return Math.round((trajectory.return + penalty * invalid) * 1e9) / 1e9;
  };
}
