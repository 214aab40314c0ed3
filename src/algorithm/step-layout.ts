import { invariant } from "../core/errors.ts";

/** The steps that statistics run over: the whole batch, or each task's group by itself. */
export type StatisticsScope = "batch" | "group";

/** What a trajectory's place among the steps of a batch depends on. */
export interface TrajectorySteps {
  readonly group: string;
  /** Generated tokens of each step; 0 for an empty step. */
  readonly tokenCounts: readonly number[];
}

/**
 * Where everything lies when the tokens of a batch stand step after step, and its steps trajectory after
 * trajectory. Entry i of each array is where part i begins, the last entry where all end.
 */
export interface StepLayout {
  /** (S + 1), in tokens. */
  readonly stepOffsets: Uint32Array;
  /** (trajectories + 1), in steps. */
  readonly trajectoryOffsets: Uint32Array;
  /** (scopes + 1), in steps. */
  readonly scopeOffsets: Uint32Array;
}

/** Scope `group` needs the trajectories of a group to stand together, as `inGroupOrder` puts them. */
export function layoutSteps(
  trajectories: readonly TrajectorySteps[],
  scope: StatisticsScope,
): StepLayout {
  const stepCounts = trajectories.map(({ tokenCounts }) => tokenCounts.length);
  const trajectoryOffsets = offsets(stepCounts);
  const steps = trajectoryOffsets.at(-1)!;
  return {
    stepOffsets: offsets(trajectories.flatMap(({ tokenCounts }) => tokenCounts)),
    trajectoryOffsets,
    scopeOffsets: scope === "batch" ? Uint32Array.of(0, steps) : groupOffsets(trajectories),
  };
}

function groupOffsets(trajectories: readonly TrajectorySteps[]): Uint32Array {
  const sizes = new Map<string, number>();
  let last: string | undefined;
  for (const { group, tokenCounts } of trajectories) {
    invariant(
      group === last || !sizes.has(group),
      `the trajectories of group "${group}" are apart`,
    );
    sizes.set(group, (sizes.get(group) ?? 0) + tokenCounts.length);
    last = group;
  }
  return offsets([...sizes.values()]);
}

/** Running sums: lengths (n) → offsets (n + 1). */
function offsets(lengths: readonly number[]): Uint32Array {
  const result = new Uint32Array(lengths.length + 1);
  lengths.forEach((length, i) => {
    result[i + 1] = result[i]! + length;
  });
  return result;
}

/** Indices of trajectories, those of a group together, groups by their first member. */
export function inGroupOrder(groups: readonly string[]): number[] {
  return [...Map.groupBy(groups.keys(), (index) => groups[index]!).values()].flat();
}
