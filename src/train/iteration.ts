import { DIALECTS, type DialectRules } from "../algorithm/dialect.ts";
import { empgScratch } from "../algorithm/empg.ts";
import { normalizedP95 } from "../algorithm/flatness.ts";
import { lossWeights } from "../algorithm/loss-weights.ts";
import { type ModulatedStep, readModulatedSteps } from "../algorithm/modulated-steps.ts";
import { randomFrom, seedFor } from "../core/random.ts";
import {
  MODULATION_SUMMARY_LENGTH,
  type ModulationSummary,
  readModulationSummary,
} from "../ops/advantage-modulation.ts";
import { type RolloutBatch, rolloutBatch } from "../rollout/batch.ts";
import { type TrainingGroup, trainingGroups } from "../rollout/sequences.ts";
import { joinPrompts } from "../rollout/shared-prompts.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { RunConfig } from "./config.ts";
import { assignCredit } from "./credit.ts";
import { learnedFrom } from "./learned-from.ts";
import {
  policyUpdate,
  type UpdateOptions,
  type UpdateReport,
  type Updater,
} from "./policy-update.ts";
import { learningRate } from "./schedule.ts";

/** What the updates of one iteration report. */
export interface IterationReport {
  readonly modulation: ModulationSummary;
  readonly normalizedEntropyP95: number;
  readonly updates: readonly UpdateReport[];
  readonly learningRate: number;
  /** Largest difference between a token's log-probability when sampled and in the first forward. */
  readonly firstLogProbGap: number;
  readonly groupsUsed: number;
  /** What became of each step, for episodes that were learned from. */
  readonly steps: ReadonlyMap<Trajectory, readonly ModulatedStep[]>;
}

/** Where a run stands: what an update needs beside the weights. */
export interface Progress {
  readonly iteration: number;
  /** Updates that moved the weights so far: AdamW's count. */
  readonly applied: number;
  /** Updates that were planned before this iteration, and for the whole run: the learning rate falls over them. */
  readonly planned: number;
  readonly totalPlanned: number;
  /** Share of the run's token budget that is used up, in [0, 1]; the learning rate falls over it too. */
  readonly spent: number;
}

/** One iteration's learning: advantages, their modulation, then the updates. */
export async function learn(
  updater: Updater,
  config: RunConfig,
  trajectories: readonly Trajectory[],
  progress: Progress,
): Promise<IterationReport> {
  const { gpu } = updater;
  const { optimizer, train } = config;
  const usable = learnedFrom(trajectories, config);
  if (usable.length === 0) return nothingLearned(config, progress);
  const batch = rolloutBatch(usable, config.modulation.scope);
  using scope = gpu.scope();
  const scratch = empgScratch(scope, {
    tokens: batch.stepOf.length,
    steps: batch.layout.stepOffsets.length - 1,
  });
  const modulation = await assignCredit(gpu, scratch, config, batch);
  const modulated = await readModulatedSteps(gpu, scratch, batch.layout);
  const groups = byTask(trainingGroups(usable), usable).map(joinPrompts);
  const updates: UpdateReport[] = [];
  let rate = 0;
  for (let epoch = 0; epoch < train.epochs; epoch++) {
    for (const part of minibatches(groups, config, progress.iteration, epoch)) {
      const place = progress.planned + updates.length + 1;
      rate = learningRate(optimizer, place, progress.totalPlanned, progress.spent);
      const step = progress.applied + updates.filter(({ applied }) => applied).length + 1;
      const weights = tokenWeights(batch, part, config);
      const report = await policyUpdate(
        updater,
        batch,
        part,
        { advantage: scratch.modulated, weights },
        updateOptions(config, rate, step),
      );
      updates.push(report);
    }
  }
  return {
    modulation,
    normalizedEntropyP95: percentileOf(modulated.flat()),
    updates,
    learningRate: rate,
    firstLogProbGap: updates[0]?.logProbGapMax ?? 0,
    groupsUsed: new Set(usable.map(({ group }) => group)).size,
    steps: new Map(usable.map((trajectory, i) => [trajectory, modulated[i]!])),
  };
}

/** No episode teaches anything: every one had a fault, or no group has a difference. */
function nothingLearned({ optimizer }: RunConfig, progress: Progress): IterationReport {
  const { planned, totalPlanned, spent } = progress;
  return {
    modulation: readModulationSummary(new Float32Array(MODULATION_SUMMARY_LENGTH)),
    updates: [],
    learningRate: learningRate(optimizer, planned + 1, totalPlanned, spent),
    normalizedEntropyP95: 0,
    firstLogProbGap: 0,
    groupsUsed: 0,
    steps: new Map(),
  };
}

function percentileOf(steps: readonly ModulatedStep[]): number {
  return normalizedP95(
    steps.map(({ normalizedEntropy }) => normalizedEntropy ?? 0),
    steps.map(({ entropy }) => entropy ?? -1),
  );
}

/** What the configuration says of one update. @param step how many moved the weights, this one counted */
export function updateOptions(
  { algorithm, rollout, optimizer }: RunConfig,
  learningRate: number,
  step: number,
): UpdateOptions {
  const { logRatioLimit, k3Limit } = DIALECTS[algorithm.dialect];
  return {
    surrogate: {
      clipLow: algorithm.clip_low,
      clipHigh: algorithm.clip_high,
      dualClip: algorithm.dual_clip,
      klCoefficient: algorithm.kl_coefficient,
      klEstimator: algorithm.kl_estimator,
      logRatioLimit,
      k3Limit,
      entropyCoefficient: algorithm.entropy_coefficient,
    },
    temperature: rollout.temperature,
    maxGradNorm: optimizer.max_grad_norm,
    adamw: {
      learningRate,
      beta1: optimizer.beta1,
      beta2: optimizer.beta2,
      epsilon: optimizer.eps,
      weightDecay: optimizer.weight_decay,
      step,
    },
  };
}

/** The sequences of one task stay together: with a context for every turn it has many, and they share weights. */
function byTask(
  sequences: readonly TrainingGroup[],
  trajectories: readonly Trajectory[],
): TrainingGroup[][] {
  const tasks: TrainingGroup[][] = [];
  let open: string | undefined;
  for (const sequence of sequences) {
    const { group } = trajectories[sequence.members[0]!.trajectory]!;
    if (group === open) tasks.at(-1)!.push(sequence);
    else tasks.push([sequence]);
    open = group;
  }
  return tasks;
}

/** The tasks of an epoch in random order, cut into updates of nearly equal numbers of tasks. */
function minibatches(
  groups: readonly (readonly TrainingGroup[])[],
  { run, train }: RunConfig,
  iteration: number,
  epoch: number,
): TrainingGroup[][] {
  const order = randomFrom(seedFor(run.seed, "minibatch", iteration, epoch)).shuffle(groups);
  const count = Math.min(train.minibatches, order.length);
  return Array.from({ length: count }, (_, i) =>
    order
      .slice(Math.floor((i * order.length) / count), Math.floor(((i + 1) * order.length) / count))
      .flat(),
  );
}

/** (tokens of the batch) each token's weight in the loss of an update on `part`; 0 for all others. */
function tokenWeights(
  { layout, stepOf }: RolloutBatch,
  part: readonly TrainingGroup[],
  { algorithm, env, rollout }: RunConfig,
): Float32Array {
  const rules = DIALECTS[algorithm.dialect];
  const members = part.flatMap((group) => group.members.map(({ trajectory }) => trajectory));
  const rows = [...new Set(members)].flatMap((i) => rowsOf(layout, i, rules.row));
  // Without a norm the most tokens that an episode can sample: what Dr.GRPO divides by.
  const norm = algorithm.loss_norm ?? env.max_turns * rollout.max_tokens_per_turn;
  const lengths = rows.map(([begin, end]) => end - begin);
  const perRow = lossWeights(lengths, algorithm.loss_aggregation, norm, rules);
  const weights = new Float32Array(stepOf.length);
  rows.forEach((range, at) => {
    weights.fill(perRow[at]!, ...range);
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
