import { hasSuccessor, NO_SUCCESSOR, noteLonelyGroups } from "../algorithm/comparable.ts";
import { inGroupOrder } from "../algorithm/step-layout.ts";
import { noteUngrouped } from "../algorithm/teaching-groups.ts";
import { UserError } from "../core/errors.ts";
import type { Gpu } from "../gpu/device.ts";
import { openModel } from "../model/builtin.ts";
import { type Retries, RetryCount } from "../rollout/retries.ts";
import {
  longestSequence,
  rowsOf,
  type TrainingGroup,
  trainingGroups,
} from "../rollout/sequences.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { RunConfig } from "./config.ts";
import { learn } from "./iteration.ts";
import { availableBytes, fitMemory } from "./memory-plan.ts";
import { type MetricsRow, measure, metricsRow } from "./metrics.ts";
import type { TrainedModel } from "./play-options.ts";
import { openPolicy, startingAdapter } from "./policy.ts";
import { saveTrained } from "./save-model.ts";
import { openUpdater } from "./updater.ts";

/**
 * One optimizer step on stored trajectories; the updated model is written to `out`.
 * @param trajectories of tokens that the model has
 * @returns the keys of a metrics line; repeats and dead ends where the trajectories tell states
 * @throws UserError for episodes longer than the model or a micro-batch takes, or groups of one where groups are compared
 */
export async function updateOnce(
  gpu: Gpu,
  config: RunConfig,
  { model: path, trajectories, out }: { model: string; trajectories: Trajectory[]; out: string },
  note: (line: string) => void = () => {},
): Promise<MetricsRow> {
  using scope = gpu.scope();
  const files = openModel(path);
  const order = inGroupOrder(trajectories.map(({ group }) => group));
  const ordered = order.map((index) => trajectories[index]!);
  const fitted = fit(gpu, config, files, ordered, note);
  noteWhatTeachesNothing(config, ordered, note);
  const adapter = startingAdapter(files, config);
  const policy = await openPolicy(gpu, scope, path, files, adapter);
  const { updater, trainer } = await openUpdater(gpu, scope, fitted, policy);
  const begun = performance.now();
  // One update alone is made at the rate that is written down, whatever a run would do over time.
  const optimizer = { ...config.optimizer, schedule: "constant" as const, warmup_updates: 0 };
  const progress = { iteration: 1, applied: 0, planned: 0, totalPlanned: 1, spent: 0 };
  const learned = await learn(updater, { ...fitted, optimizer }, ordered, progress);
  await saveTrained(gpu, out, policy, trainer.trainable);
  const drawn = ordered.flatMap(({ steps }) => steps.map(({ tokens }) => tokens.length));
  const collected = {
    trajectories: ordered,
    retries: ordered.map(retriesOf),
    tokensDrawn: drawn.reduce((a, b) => a + b, 0),
    redraws: 0,
  };
  if (learned.updates.length === 0) {
    note("no group teaches anything: the model is written as it was");
  } else if (learned.updates.every(({ gradNorm }) => gradNorm === 0)) {
    note(
      learned.modulation.advantageAbsMean === 0
        ? "nothing is learned: every advantage is 0, and no other part of the loss has a gradient"
        : "nothing is learned: every ratio is at a limit; are the log-probabilities this model's?",
    );
  }
  const row = metricsRow(measure(1, collected, learned, 0), 0, {
    rolloutMs: 0,
    creditMs: learned.creditMs,
    updateMs: performance.now() - begun,
    encodeMs: gpu.encodeMs,
    memoryBytes: gpu.memory.bytes,
    residentBytes: process.memoryUsage.rss(),
  });
  return tellStates(ordered) ? row : withoutStates(row);
}

/** @throws UserError where no group can be compared */
function noteWhatTeachesNothing(
  { algorithm, modulation }: RunConfig,
  trajectories: readonly Trajectory[],
  note: (line: string) => void,
): void {
  const played = trajectories.filter(({ end, steps }) => end !== "fault" && steps.length > 0);
  const lonely = noteLonelyGroups(
    algorithm.method,
    played.map(({ group }) => group),
  );
  if (lonely !== undefined) note(lonely);
  const ungrouped = noteUngrouped(algorithm);
  if (ungrouped !== undefined) note(ungrouped);
  const counts = played.map(({ steps }) => steps.map(({ tokens }) => tokens.length));
  if (modulation.type === "empg" && modulation.zeta > 0 && !hasSuccessor(counts)) {
    note(NO_SUCCESSOR);
  }
}

/** Every step tells the world's state: what was done again in one can be counted. */
function tellStates(trajectories: readonly Trajectory[]): boolean {
  return trajectories.every(({ steps }) => steps.every(({ state }) => state !== undefined));
}

function retriesOf({ steps }: Trajectory): Retries {
  const count = new RetryCount();
  for (const { state, action, valid, reward } of steps) {
    count.acts(state ?? "", action);
    count.answered({ valid, reward });
  }
  return count;
}

/** Without the counts that need states. */
function withoutStates(row: MetricsRow): MetricsRow {
  const { repeated_action_rate, repeated_actions_mean, dead_ends_mean, ...known } = row;
  return known;
}

/** No larger a micro-batch than there is to fill, and what else the memory asks for. */
function fit(
  gpu: Gpu,
  config: RunConfig,
  model: TrainedModel,
  trajectories: readonly Trajectory[],
  note: (line: string) => void,
): RunConfig {
  const groups = trainingGroups(trajectories.filter(({ end }) => end !== "fault"));
  const rows = groups.reduce((sum, group) => sum + rowsOf(group), 0);
  if (!groups.some(({ members }) => members.some(({ steps }) => steps.some((step) => step >= 0)))) {
    throw new UserError("the trajectories hold no sampled token of an episode without a fault");
  }
  const micro_batch_tokens = Math.min(config.train.micro_batch_tokens, rows);
  const asked = { ...config, train: { ...config.train, micro_batch_tokens } };
  const available = availableBytes(config, gpu.adapter);
  const { config: fitted, notes } = fitMemory(asked, model, gpu.capacity, available, "update");
  for (const line of notes) note(line);
  requireFitting(groups, model.config, fitted.train.micro_batch_tokens);
  return fitted;
}

function requireFitting(
  groups: readonly TrainingGroup[],
  { maxPositions }: { maxPositions: number },
  capacity: number,
): void {
  const longest = longestSequence(groups);
  const limit = Math.min(maxPositions, capacity);
  if (longest > limit) {
    throw new UserError(
      `the longest episode has ${longest} tokens; this model and train.micro_batch_tokens allow ${limit}`,
    );
  }
}
