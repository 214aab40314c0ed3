import { DIALECTS } from "../algorithm/dialect.ts";
import { empgScratch } from "../algorithm/empg.ts";
import { normalizedP95 } from "../algorithm/flatness.ts";
import { hasCritic } from "../algorithm/methods.ts";
import { type ModulatedStep, readModulatedSteps } from "../algorithm/modulated-steps.ts";
import { randomFrom, seedFor } from "../core/random.ts";
import {
  MODULATION_SUMMARY_LENGTH,
  type ModulationSummary,
  readModulationSummary,
} from "../ops/advantage-modulation.ts";
import { rolloutBatch } from "../rollout/batch.ts";
import { type TrainingGroup, trainingGroups } from "../rollout/sequences.ts";
import { joinPrompts } from "../rollout/shared-prompts.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { RunConfig } from "./config.ts";
import { assignCredit } from "./credit.ts";
import { type CriticSummary, criticSummary, sampledValues } from "./critic.ts";
import { learnedFrom } from "./learned-from.ts";
import {
  policyUpdate,
  type UpdateOptions,
  type UpdateReport,
  type Updater,
  type ValueOptions,
} from "./policy-update.ts";
import { learningRate } from "./schedule.ts";
import { tokenWeights } from "./token-weights.ts";

/** A value head's rate as a multiple of the policy's (verl: 1e-5 beside 1e-6). */
const DEFAULT_VALUE_RATE = 10;

/** What the updates of one iteration report. */
export interface IterationReport {
  readonly modulation: ModulationSummary;
  readonly normalizedEntropyP95: number;
  readonly updates: readonly UpdateReport[];
  readonly learningRate: number;
  /** Largest difference between a token's log-probability when sampled and in the first forward. */
  readonly firstLogProbGap: number;
  readonly groupsUsed: number;
  /** How long advantages and their modulation took, a critic's values aside. */
  readonly creditMs: number;
  /** Of a critic, where there is one. */
  readonly critic: CriticReport | undefined;
  /** What became of each step, for episodes that were learned from. */
  readonly steps: ReadonlyMap<Trajectory, readonly ModulatedStep[]>;
}

export interface CriticReport extends CriticSummary {
  /** The part of its loss in the whole. */
  readonly coefficient: number;
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
  const { algorithm, optimizer, train } = config;
  const usable = learnedFrom(trajectories, config);
  if (usable.length === 0) return nothingLearned(config, progress);
  const batch = rolloutBatch(usable, config.modulation.scope);
  using scope = gpu.scope();
  const scratch = empgScratch(scope, {
    tokens: batch.stepOf.length,
    steps: batch.layout.stepOffsets.length - 1,
  });
  const groups = byTask(trainingGroups(usable), usable).map(joinPrompts);
  const values = hasCritic(algorithm)
    ? await sampledValues(updater, batch, groups.flat(), config.rollout.temperature)
    : undefined;
  const begun = performance.now();
  const credit = await assignCredit(gpu, scope, scratch, config, batch, values);
  const { modulation, advantage, placeOf, critic } = credit;
  const modulated = await readModulatedSteps(gpu, scratch, batch.layout);
  const creditMs = performance.now() - begun;
  const updates: UpdateReport[] = [];
  let rate = 0;
  for (let epoch = 0; epoch < train.epochs; epoch++) {
    for (const part of minibatches(groups, config, progress.iteration, epoch)) {
      const place = progress.planned + updates.length + 1;
      rate = learningRate(optimizer, place, progress.totalPlanned, progress.spent);
      const step = progress.applied + updates.filter(({ applied }) => applied).length + 1;
      const weights = tokenWeights(batch, part, config);
      const criticWeights = critic && tokenWeights(batch, part, config, critic.asked);
      const report = await policyUpdate(
        updater,
        batch,
        part,
        {
          ...{ advantage, placeOf, weights },
          critic: criticWeights && { ...critic, weights: criticWeights },
        },
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
    creditMs,
    groupsUsed: new Set(usable.map(({ group }) => group)).size,
    critic: criticReport(config, critic && criticSummary(critic)),
    steps: new Map(usable.map((trajectory, i) => [trajectory, modulated[i]!])),
  };
}

/** No episode teaches anything: every one had a fault, or no group has a difference. */
function nothingLearned(config: RunConfig, progress: Progress): IterationReport {
  const { planned, totalPlanned, spent } = progress;
  return {
    modulation: readModulationSummary(new Float32Array(MODULATION_SUMMARY_LENGTH)),
    updates: [],
    learningRate: learningRate(config.optimizer, planned + 1, totalPlanned, spent),
    normalizedEntropyP95: 0,
    firstLogProbGap: 0,
    groupsUsed: 0,
    creditMs: 0,
    critic: criticReport(config),
    steps: new Map(),
  };
}

function percentileOf(steps: readonly ModulatedStep[]): number {
  return normalizedP95(
    steps.map(({ normalizedEntropy }) => normalizedEntropy ?? 0),
    steps.map(({ entropy }) => entropy ?? -1),
  );
}

/** undefined for a method without a critic. */
function criticReport(
  { algorithm }: RunConfig,
  summary: CriticSummary = { valuesMean: 0, explainedVariance: 0 },
): CriticReport | undefined {
  return hasCritic(algorithm)
    ? { ...summary, coefficient: algorithm.value_coefficient }
    : undefined;
}

/** What the configuration says of one update. @param step how many moved the weights, this one counted */
export function updateOptions(
  config: RunConfig,
  learningRate: number,
  step: number,
): UpdateOptions {
  const { algorithm, rollout, optimizer } = config;
  const { logRatioLimit, k3Limit } = DIALECTS[algorithm.dialect];
  return {
    value: valueOptions(config, learningRate),
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

/** The value head's rate rises and falls as the policy's does. */
function valueOptions(
  { algorithm, optimizer }: RunConfig,
  learningRate: number,
): ValueOptions | undefined {
  if (!hasCritic(algorithm)) return undefined;
  const { value_clip, value_coefficient, value_learning_rate } = algorithm;
  const times = value_learning_rate
    ? value_learning_rate / optimizer.learning_rate
    : DEFAULT_VALUE_RATE;
  return { clip: value_clip, coefficient: value_coefficient, learningRate: times * learningRate };
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
