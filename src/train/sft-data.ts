import { UserError } from "../core/errors.ts";
import { randomFrom, seedFor } from "../core/random.ts";
import type { ModelConfig } from "../model/config.ts";
import { type Demonstration, readDemonstrations } from "../rollout/demonstration-records.ts";
import { microBatches, type TrainingGroup, trainingGroups } from "../rollout/sequences.ts";
import type { ModelText } from "../text/model-text.ts";

/** What the sequences have to fit. */
export interface SftLimits {
  readonly config: ModelConfig;
  readonly batchTokens: number;
}

/**
 * The sequences of a file; demonstrations of one group and opening share it, wherever they stand.
 * @throws UserError naming the line that does not fit the model
 */
export async function readSftGroups(
  file: string,
  text: ModelText,
  limits: SftLimits,
): Promise<{ groups: TrainingGroup[]; faults: number }> {
  const together = new Map<string, Demonstration[]>();
  let faults = 0;
  for await (const demonstration of readDemonstrations(file, text)) {
    if (demonstration.fault) {
      faults++;
      continue;
    }
    const key = JSON.stringify([demonstration.group, demonstration.steps[0]?.prompt_tokens]);
    const same = together.get(key);
    if (same) same.push(demonstration);
    else together.set(key, [demonstration]);
  }
  const demonstrations = [...together.values()].flat();
  const groups = trainingGroups(demonstrations);
  if (groups.length === 0) throw new UserError(`${file}: holds no episode to learn from`);
  for (const { prefix, members } of groups) {
    for (const { ids, trajectory } of members) {
      checkSequence([...prefix, ...ids], demonstrations[trajectory]!.where, limits);
    }
  }
  return { groups, faults };
}

function checkSequence(
  ids: readonly number[],
  where: string,
  { config: { vocabulary, maxPositions }, batchTokens }: SftLimits,
): void {
  const unknown = ids.find((id) => id >= vocabulary);
  if (unknown !== undefined) {
    throw new UserError(
      `${where}: found token ${unknown}, allowed: 0 to ${vocabulary - 1}, the model's vocabulary`,
      "trajectories hold token ids: collect them with this model's tokenizer",
    );
  }
  if (ids.length > maxPositions) {
    throw new UserError(
      `${where}: found ${ids.length} tokens, allowed: at most ${maxPositions}, the model's positions`,
    );
  }
  if (ids.length > batchTokens) {
    throw new UserError(
      `${where}: found ${ids.length} tokens, but --batch-tokens is ${batchTokens}`,
      `--batch-tokens ${ids.length} holds it`,
    );
  }
}

/** One batch per optimizer step; every epoch has its own order. */
export function sftBatches(
  groups: readonly TrainingGroup[],
  { epochs, batchTokens }: { epochs: number; batchTokens: number },
  seed: number,
): TrainingGroup[][] {
  return Array.from({ length: epochs }, (_, epoch) =>
    microBatches(randomFrom(seedFor(seed, "sft", epoch)).shuffle(groups), batchTokens),
  ).flat();
}
