/**
 * Entropy-modulated advantage (arXiv 2509.09265), step t of trajectory i.
 *
 *   g(i,t) = e^(−k·h(i,t)) / (mean e^(−k·h) + eps)         the gate, "scale"
 *   f(i,t) = e^(−k′·h(i,t))                                the clarity of one step
 *   A′(i,t) = A(i)·g(i,t) + ζ·f(i,t+1)                     last step: A′ = A(i)·g(i,T)
 *   A_final = A′ − shift
 *
 *   center all         shift = mean of A′ over steps, taken from every step    (the paper, default)
 *   center bonus       shift = mean of ζ·f(t+1) over the steps that have the bonus, taken from them
 *   center trajectory  shift = mean over trajectories of their own mean A′, taken from every step
 *   center none        shift = 0
 *
 * Decisions:
 * - Every mean runs over the unique non-empty steps of one scope, the same set that h was
 *   normalized over: the batch, or with scope `group` each group by itself, g and shift alike.
 * - A step has the bonus when it and its direct successor both have tokens. The last step of a
 *   trajectory never has it.
 * - An empty step has g = 1 and no bonus, and votes in no mean; a shift taken from every step is
 *   taken from it too, which no token will ever see.
 * - A trajectory of empty steps only has no vote in `center trajectory`.
 */

import { type NormalizationMode, normalize, type Scope } from "./normalization.ts";

export type Center = "all" | "bonus" | "trajectory" | "none";

export interface ModulationOptions {
  readonly k?: number;
  readonly kPrime?: number;
  readonly zeta?: number;
  readonly eps?: number;
  readonly normalization?: NormalizationMode;
  readonly scope?: Scope;
  readonly center?: Center;
}

/** One episode: the advantage its base method gave it, and H of each step (null where empty). */
export interface EntropyTrajectory {
  readonly group: string;
  readonly advantage: number;
  readonly entropies: readonly (number | null)[];
}

export interface ModulatedStep {
  /** h; null on an empty step. */
  readonly normalized: number | null;
  /** g; 1 on an empty step. */
  readonly scale: number;
  /** f of the next step; null where there is no bonus. */
  readonly clarity: number | null;
  /** A_final. */
  readonly advantage: number;
}

/** Trajectories (N) → for each the modulated steps, in the same order. */
export function modulate(
  trajectories: readonly EntropyTrajectory[],
  options: ModulationOptions = {},
): ModulatedStep[][] {
  if (options.scope !== "group") return modulateScope(trajectories, options);
  const results = new Map<EntropyTrajectory, ModulatedStep[]>();
  for (const group of new Set(trajectories.map((trajectory) => trajectory.group))) {
    const members = trajectories.filter((trajectory) => trajectory.group === group);
    const modulated = modulateScope(members, options);
    members.forEach((member, index) => {
      results.set(member, modulated[index] ?? []);
    });
  }
  return trajectories.map((trajectory) => results.get(trajectory) ?? []);
}

interface Step {
  readonly trajectory: number;
  readonly normalized: number | null;
  readonly scale: number;
  readonly clarity: number | null;
  /** A′, before centring. */
  readonly raw: number;
}

function modulateScope(
  trajectories: readonly EntropyTrajectory[],
  options: ModulationOptions,
): ModulatedStep[][] {
  const { k = 1, kPrime = 1, zeta = 0.1, eps = 1e-8, center = "all" } = options;
  const flat = normalize(
    trajectories.flatMap((trajectory) => trajectory.entropies),
    { mode: options.normalization ?? "min-max", eps },
  );
  const gateMean = mean(flat.flatMap((h) => (h === null ? [] : [Math.exp(-k * h)])));

  let offset = 0;
  const steps = trajectories.map(({ advantage, entropies }, trajectory) => {
    const own = flat.slice(offset, offset + entropies.length);
    offset += entropies.length;
    return own.map((h, t): Step => {
      const next = own[t + 1] ?? null;
      const scale = h === null ? 1 : Math.exp(-k * h) / (gateMean + eps);
      const clarity = h === null || next === null ? null : Math.exp(-kPrime * next);
      const raw = advantage * scale + zeta * (clarity ?? 0);
      return { trajectory, normalized: h, scale, clarity, raw };
    });
  });

  const shift = centring(steps, center, zeta);
  return steps.map((own) =>
    own.map((step) => ({
      normalized: step.normalized,
      scale: step.scale,
      clarity: step.clarity,
      advantage: step.raw - (center === "bonus" && step.clarity === null ? 0 : shift),
    })),
  );
}

function centring(steps: readonly Step[][], center: Center, zeta: number): number {
  const voting = steps.map((own) => own.filter((step) => step.normalized !== null));
  switch (center) {
    case "all":
      return mean(voting.flat().map((step) => step.raw));
    case "bonus":
      return mean(voting.flat().flatMap(({ clarity }) => (clarity === null ? [] : zeta * clarity)));
    case "trajectory":
      return mean(
        voting.filter((own) => own.length > 0).map((own) => mean(own.map((step) => step.raw))),
      );
    case "none":
      return 0;
  }
}

/** 0 for no values: nothing is scaled or shifted by it. */
function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b) / values.length;
}
