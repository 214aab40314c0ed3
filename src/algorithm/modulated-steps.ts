import type { Gpu } from "../gpu/device.ts";
import type { Scope } from "../gpu/memory.ts";
import { type EmpgOptions, type EmpgScratch, empg, empgScratch, writeSteps } from "./empg.ts";
import { inGroupOrder, layoutSteps, type StatisticsScope, type StepLayout } from "./step-layout.ts";
import { modulateTokens } from "./token-advantages.ts";

/** One episode as `empg` sees it. */
export interface EntropyTrajectory {
  readonly group: string;
  /** A of the base method: one number, or one for each step. */
  readonly advantage: number | readonly number[];
  /** For each step the entropies of its generated tokens, in nats; none where the step is empty. */
  readonly entropies: readonly (readonly number[])[];
  /** A of each token, where they differ; `advantage` has each step's mean. */
  readonly tokenAdvantages?: readonly (readonly number[])[] | undefined;
}

/** What `empg` makes of a step; null where an empty or a last step has no such number. */
export interface ModulatedStep {
  readonly entropy: number | null;
  readonly normalizedEntropy: number | null;
  readonly scale: number;
  readonly clarity: number | null;
  /** A of the base method. */
  readonly baseAdvantage: number;
  /** A_final. */
  readonly advantage: number;
  /** A_final of each token, where they differ. */
  readonly tokenAdvantages?: readonly number[];
}

/** How a batch is modulated, and over what statistics are taken. */
export interface TrajectoryModulation extends EmpgOptions {
  readonly scope: StatisticsScope;
}

/** Modulates a batch on the device and reads everything back: for inspection and for training elsewhere. */
export async function modulatedSteps(
  gpu: Gpu,
  trajectories: readonly EntropyTrajectory[],
  { scope, ...options }: TrajectoryModulation,
): Promise<ModulatedStep[][]> {
  const order = inGroupOrder(trajectories.map(({ group }) => group));
  const ordered = order.map((index) => trajectories[index]!);
  const layout = layoutSteps(
    ordered.map(({ group, entropies }) => ({ group, tokenCounts: entropies.map((s) => s.length) })),
    scope,
  );
  const tokenEntropy = Float32Array.from(ordered.flatMap(({ entropies }) => entropies.flat()));
  const advantage = Float32Array.from(
    ordered.flatMap(({ advantage, entropies }) =>
      entropies.map((_, t) => (typeof advantage === "number" ? advantage : advantage[t]!)),
    ),
  );
  using memory = gpu.scope();
  const scratch = empgScratch(memory, { tokens: tokenEntropy.length, steps: advantage.length });
  writeSteps(gpu, scratch, { layout, tokenEntropy, advantage });
  gpu.submit((pass) => empg(pass, scratch, layout, options));
  const modulated = await readModulatedSteps(gpu, scratch, layout);
  const perToken = await readModulatedTokens(gpu, memory, scratch, ordered);
  const result: ModulatedStep[][] = trajectories.map(() => []);
  order.forEach((index, place) => {
    const tokens = perToken?.[place];
    result[index] = modulated[place]!.map((step, t) =>
      tokens ? { ...step, tokenAdvantages: tokens[t]! } : step,
    );
  });
  return result;
}

/** Per trajectory and step; undefined where the tokens of a step share one advantage. */
async function readModulatedTokens(
  gpu: Gpu,
  scope: Scope,
  scratch: EmpgScratch,
  trajectories: readonly EntropyTrajectory[],
): Promise<number[][][] | undefined> {
  const steps = trajectories.flatMap(({ tokenAdvantages = [] }) => tokenAdvantages);
  if (steps.length === 0) return undefined;
  const stepOf = Uint32Array.from(steps.flatMap((own, s) => own.map(() => s)));
  const advantages = Float32Array.from(steps.flat());
  const modulated = await gpu.read(modulateTokens(gpu, scope, scratch, { stepOf, advantages }));
  let at = 0;
  const next = (count: number) => {
    at += count;
    return [...modulated.subarray(at - count, at)];
  };
  return trajectories.map(({ tokenAdvantages = [] }) =>
    tokenAdvantages.map(({ length }) => next(length)),
  );
}

/** What `empg` made of a batch, per trajectory in the batch's order. */
export async function readModulatedSteps(
  gpu: Gpu,
  scratch: EmpgScratch,
  { trajectoryOffsets }: StepLayout,
): Promise<ModulatedStep[][]> {
  const columns = [
    scratch.entropy,
    scratch.normalized,
    scratch.scale,
    scratch.clarity,
    scratch.advantage,
    scratch.modulated,
  ];
  const [entropy, normalized, scale, clarity, base, modulated] = await gpu.readAll(columns);

  return Array.from({ length: trajectoryOffsets.length - 1 }, (_, i) => {
    const begin = trajectoryOffsets[i]!;
    return Array.from({ length: trajectoryOffsets[i + 1]! - begin }, (_, t) => {
      const s = begin + t;
      const empty = entropy![s]! < 0;
      return {
        entropy: empty ? null : entropy![s]!,
        normalizedEntropy: empty ? null : normalized![s]!,
        scale: scale![s]!,
        clarity: clarity![s]! < 0 ? null : clarity![s]!,
        baseAdvantage: base![s]!,
        advantage: modulated![s]!,
      };
    });
  });
}
