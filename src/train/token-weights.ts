import { lossWeights } from "../algorithm/loss-weights.ts";
import { hasCritic } from "../algorithm/methods.ts";
import type { RolloutBatch } from "../rollout/batch.ts";
import type { TrainingGroup } from "../rollout/sequences.ts";
import type { RunConfig } from "./config.ts";

/**
 * (tokens of the batch) each token's weight in the loss of an update on `part`; 0 for all others.
 * @param asked (tokens) 1 for those that have a loss, as a critic's over turns; absent: all
 */
export function tokenWeights(
  { layout, stepOf }: RolloutBatch,
  part: readonly TrainingGroup[],
  { algorithm, env, rollout }: RunConfig,
  asked?: Uint8Array,
): Float32Array {
  const { stepOffsets, trajectoryOffsets } = layout;
  const members = part.flatMap((group) => group.members.map(({ trajectory }) => trajectory));
  const own = [...new Set(members)].map((i) => {
    const begin = stepOffsets[trajectoryOffsets[i]!]!;
    const end = stepOffsets[trajectoryOffsets[i + 1]!]!;
    const tokens = Array.from({ length: end - begin }, (_, j) => begin + j);
    return asked ? tokens.filter((token) => asked[token] === 1) : tokens;
  });
  const lengths = own.map(({ length }) => length);
  // The most that an episode can have: what Dr.GRPO divides by.
  const byTurn = asked !== undefined && hasCritic(algorithm) && algorithm.gae === "turn";
  const perTurn = byTurn ? 1 : rollout.max_tokens_per_turn;
  const perTrajectory = lossWeights(lengths, algorithm.loss_aggregation, env.max_turns * perTurn);
  const weights = new Float32Array(stepOf.length);
  own.forEach((tokens, at) => {
    for (const token of tokens) weights[token] = perTrajectory[at]!;
  });
  return weights;
}
