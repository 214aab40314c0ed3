import type { Gpu } from "../gpu/device.ts";
import { type EmpgOptions, empg, empgScratch, writeSteps } from "./empg.ts";
import { inGroupOrder, layoutSteps, type StatisticsScope } from "./step-layout.ts";

/** One episode as `empg` sees it. */
export interface EntropyTrajectory {
  readonly group: string;
  /** A of the base method: one number, or one for each step. */
  readonly advantage: number | readonly number[];
  /** For each step the entropies of its generated tokens, in nats; none where the step is empty. */
  readonly entropies: readonly (readonly number[])[];
}

/** What `empg` makes of a step; null where an empty or a last step has no such number. */
export interface ModulatedStep {
  readonly entropy: number | null;
  readonly normalizedEntropy: number | null;
  readonly scale: number;
  readonly clarity: number | null;
  readonly advantage: number;
}

/** Modulates a batch on the device and reads everything back: for inspection and for training elsewhere. */
export async function modulatedSteps(
  gpu: Gpu,
  trajectories: readonly EntropyTrajectory[],
  { scope, ...options }: EmpgOptions & { readonly scope: StatisticsScope },
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
  const columns = [
    scratch.entropy,
    scratch.normalized,
    scratch.scale,
    scratch.clarity,
    scratch.modulated,
  ];
  const [entropy, normalized, scale, clarity, modulated] = await gpu.readAll(columns);

  const result: ModulatedStep[][] = trajectories.map(() => []);
  order.forEach((index, place) => {
    const begin = layout.trajectoryOffsets[place]!;
    result[index] = trajectories[index]!.entropies.map((_, t) => {
      const s = begin + t;
      const empty = entropy![s]! < 0;
      return {
        entropy: empty ? null : entropy![s]!,
        normalizedEntropy: empty ? null : normalized![s]!,
        scale: scale![s]!,
        clarity: clarity![s]! < 0 ? null : clarity![s]!,
        advantage: modulated![s]!,
      };
    });
  });
  return result;
}
