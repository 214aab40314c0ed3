import { DIALECTS, type DialectRules } from "../algorithm/dialect.ts";
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
  const rules = DIALECTS[algorithm.dialect];
  const members = part.flatMap((group) => group.members.map(({ trajectory }) => trajectory));
  const rows = [...new Set(members)].flatMap((i) => rowsOf(layout, i, rules.row));
  const own = rows.map(([begin, end]) =>
    Array.from({ length: end - begin }, (_, j) => begin + j).filter(
      (token) => asked === undefined || asked[token] === 1,
    ),
  );
  // Without a norm the most that an episode can have: what Dr.GRPO divides by.
  const byTurn = asked !== undefined && hasCritic(algorithm) && algorithm.gae === "turn";
  const longest = env.max_turns * (byTurn ? 1 : rollout.max_tokens_per_turn);
  const norm = (byTurn ? undefined : algorithm.loss_norm) ?? longest;
  const lengths = own.map(({ length }) => length);
  const perRow = lossWeights(lengths, algorithm.loss_aggregation, norm, rules);
  // The kernel of the value loss has the usual half in it.
  const factor = asked === undefined ? 1 : 2 * rules.valueLossFactor;
  const weights = new Float32Array(stepOf.length);
  own.forEach((tokens, at) => {
    for (const token of tokens) weights[token] = factor * perRow[at]!;
  });
  return weights;
}

/** Where the tokens of an episode's rows begin and end. */
function rowsOf(
  { stepOffsets, trajectoryOffsets }: RolloutBatch["layout"],
  trajectory: number,
  row: DialectRules["row"],
): [begin: number, end: number][] {
  const [first, last] = [trajectoryOffsets[trajectory]!, trajectoryOffsets[trajectory + 1]!];
  if (row === "episode") return [[stepOffsets[first]!, stepOffsets[last]!]];
  return Array.from({ length: last - first }, (_, t) => [
    stepOffsets[first + t]!,
    stepOffsets[first + t + 1]!,
  ]);
}
