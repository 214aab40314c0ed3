import type { ModulatedStep } from "../algorithm/modulated-steps.ts";
import { writeJsonLines } from "../core/jsonl.ts";
import type { Trajectory } from "../rollout/trajectory.ts";

/**
 * Writes an iteration's trajectories, each step with what became of its advantage under `modulation`: base
 * advantage, H, h, g, f of the next step, final advantage. Episodes that were not learned from have none.
 */
export async function saveRollouts(
  path: string,
  trajectories: readonly Trajectory[],
  learned: ReadonlyMap<Trajectory, readonly ModulatedStep[]>,
): Promise<void> {
  await writeJsonLines(
    path,
    trajectories.map((trajectory) => {
      const modulated = learned.get(trajectory);
      if (!modulated) return trajectory;
      const steps = trajectory.steps.map((step, t) => {
        const { baseAdvantage, normalizedEntropy, ...rest } = modulated[t]!;
        const modulation = {
          ...{ base_advantage: baseAdvantage, entropy: rest.entropy },
          ...{ normalized_entropy: normalizedEntropy, scale: rest.scale, clarity: rest.clarity },
          advantage: rest.advantage,
        };
        return { ...step, modulation };
      });
      return { ...trajectory, steps };
    }),
  );
}
