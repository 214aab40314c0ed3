import { layoutSteps, type StatisticsScope, type StepLayout } from "../algorithm/step-layout.ts";
import type { Trajectory } from "./trajectory.ts";

/** An iteration's trajectories as flat arrays: steps lie trajectory after trajectory, tokens step after step. */
export interface RolloutBatch {
  readonly trajectories: readonly Trajectory[];
  readonly layout: StepLayout;
  /** Sampled tokens of all steps: log-probability and entropy (nats) as stored when they were drawn. */
  readonly logProbs: Float32Array;
  readonly entropies: Float32Array;
  /** (tokens) the step that each token belongs to. */
  readonly stepOf: Uint32Array;
}

/** @param trajectories those of one group side by side */
export function rolloutBatch(
  trajectories: readonly Trajectory[],
  scope: StatisticsScope,
): RolloutBatch {
  const steps = trajectories.flatMap((trajectory) => trajectory.steps);
  const layout = layoutSteps(
    trajectories.map((trajectory) => ({
      group: trajectory.group,
      tokenCounts: trajectory.steps.map(({ tokens }) => tokens.length),
    })),
    scope,
  );
  const { stepOffsets } = layout;
  const stepOf = new Uint32Array(stepOffsets.at(-1)!);
  steps.forEach((_, s) => {
    stepOf.fill(s, stepOffsets[s], stepOffsets[s + 1]);
  });
  return {
    trajectories,
    layout,
    logProbs: Float32Array.from(steps.flatMap(({ logprobs }) => [...logprobs])),
    entropies: Float32Array.from(steps.flatMap(({ entropies }) => [...entropies])),
    stepOf,
  };
}
