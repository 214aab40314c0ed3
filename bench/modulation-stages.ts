import type { Gpu } from "../src/gpu/device.ts";
import type { Scope } from "../src/gpu/memory.ts";
import type { Pass } from "../src/gpu/pass.ts";
import { clarity, gate, modulate } from "../src/ops/advantage-modulation.ts";
import { center, type NormalizationMode, normalize } from "../src/ops/normalization.ts";
import { modulate as modulatedSteps } from "../test/reference/advantage-modulation.ts";
import { TOLERANCE } from "../test/support/tolerances.ts";
import { type Benchmark, compareSampled, type Prepared, uniform, whole } from "./benchmark.ts";

/** A batch as large as the paper's: 5,000 steps, ten per trajectory. */
const STEPS = 5000;
const PER_TRAJECTORY = 10;
const TRAJECTORIES = STEPS / PER_TRAJECTORY;

/** One kernel of the chain that turns step entropies into final advantages. */
export interface Stage {
  readonly name: string;
  readonly normalization?: NormalizationMode;
  /** Numbers read and written, and operations, per step. */
  readonly numbers: number;
  readonly flops: number;
}

/** The whole chain is computed and checked; only the dispatches of `stage` are timed. */
export function stageBenchmark(stage: Stage): Benchmark {
  return {
    name: stage.name,
    shape: `${STEPS}`,
    bytes: 4 * STEPS * stage.numbers,
    flops: STEPS * stage.flops,
    prepare: (gpu, scope) => prepare(gpu, scope, stage),
  };
}

function prepare(gpu: Gpu, scope: Scope, stage: Stage): Prepared {
  const normalization = stage.normalization ?? "min-max";
  const [k, kPrime, zeta, eps] = [1, 1, 0.1, 1e-8];
  const entropy = uniform(gpu, scope, "step entropies", [STEPS], [0.05, 2]);
  const advantage = uniform(gpu, scope, "advantages", [STEPS]);
  // A trajectory has one advantage.
  for (let s = 0; s < STEPS; s++) {
    advantage.values[s] = advantage.values[s - (s % PER_TRAJECTORY)]!;
  }
  gpu.write(advantage.tensor, advantage.values);
  const scopeOffsets = whole(gpu, scope, "scope offsets", 2, (i) => i * STEPS).tensor;
  const trajectoryOffsets = whole(
    gpu,
    scope,
    "trajectory offsets",
    TRAJECTORIES + 1,
    (i) => i * PER_TRAJECTORY,
  ).tensor;
  const buffer = (label: string) => scope.f32(label, [STEPS]);
  const normalized = buffer("normalized");
  const scale = buffer("scale");
  const bonus = buffer("clarity");
  const final = buffer("final advantage");
  const share = buffer("share");
  const shared = { entropy: entropy.tensor, normalized };
  const record = (pass: Pass) => {
    normalize(pass, { ...shared, scopeOffsets }, { scopes: 1, mode: normalization, eps });
    gate(pass, { ...shared, scopeOffsets, scale }, { scopes: 1, k, eps });
    const lasting = { trajectories: TRAJECTORIES };
    clarity(pass, { ...shared, trajectoryOffsets, clarity: bonus }, { ...lasting, kPrime });
    const io = { entropy: entropy.tensor, advantage: advantage.tensor, scale, clarity: bonus };
    modulate(pass, { ...io, trajectoryOffsets, modulated: final, share }, { ...lasting, zeta });
    const last = { clarity: bonus, share, scopeOffsets, advantage: final };
    center(pass, last, { scopes: 1, mode: "all", zeta });
  };
  const trajectories = Array.from({ length: TRAJECTORIES }, (_, i) => ({
    group: "batch",
    advantage: advantage.values[i * PER_TRAJECTORY]!,
    entropies: Array.from(entropy.values.subarray(i * PER_TRAJECTORY, (i + 1) * PER_TRAJECTORY)),
  }));
  const steps = modulatedSteps(trajectories, { k, kPrime, zeta, eps, normalization }).flat();
  const tolerance = TOLERANCE.kernel;
  const expected = [
    { of: normalized, at: (s: number) => steps[s]!.normalized ?? 0, tolerance },
    { of: scale, at: (s: number) => steps[s]!.scale, tolerance },
    { of: bonus, at: (s: number) => steps[s]!.clarity ?? -1, tolerance },
    { of: final, at: (s: number) => steps[s]!.advantage, tolerance },
  ];
  return {
    check: () => compareSampled(gpu, record, expected),
    work: { record, kernel: stage.name },
  };
}
