/** The golden trajectories as the rollout stores them. */

import type { Trajectory } from "../../../src/rollout/trajectory.ts";
import type { Golden } from "./vectors.ts";

/** What no update reads is left empty. */
export function trajectoriesOf(golden: Golden): Trajectory[] {
  return golden.trajectories.map(({ group, steps }, i) => ({
    ...{ episode: `${i}`, group, env: "golden", return: 0, success: false, end: "terminated" },
    steps: steps.map((step) => ({
      ...{ observation: "", response: "", action: "", valid: true, reward: 0 },
      ...step,
      entropies: step.tokens.map(() => 0),
    })),
  }));
}
