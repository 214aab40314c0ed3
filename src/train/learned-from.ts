import { unequalGroups } from "../algorithm/group-advantage.ts";
import { rawReturn, teachingEpisodes } from "../algorithm/teaching-groups.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { RunConfig } from "./config.ts";
import { outcomesOf } from "./outcomes.ts";

/** What is learned from: no faulty episodes and, where the configuration says so, no groups that teach nothing. */
export function learnedFrom(
  trajectories: readonly Trajectory[],
  config: RunConfig,
): readonly Trajectory[] {
  const played = trajectories.filter(({ end, steps }) => end !== "fault" && steps.length > 0);
  const { algorithm, env } = config;
  if (algorithm.uniform_groups === "keep") return played;
  // Where groups are redrawn their rewards are compared, as in DAPO; else what the advantages come from.
  const left =
    algorithm.uniform_groups === "redraw"
      ? unequalGroups(
          played.map((one) => rawReturn(one.return, env.invalid_action_penalty, one.steps)),
          played.map(({ group }) => group),
        )
      : teachingEpisodes(algorithm, outcomesOf(played, config));
  return left.map((index) => played[index]!);
}
