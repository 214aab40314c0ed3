import type { SamplingOptions } from "../ops/transformer/sample.ts";
import { type Collected, type Collector, collect } from "../rollout/collect.ts";
import type { RunConfig } from "./config.ts";
import { learnedFrom } from "./learned-from.ts";
import { planIteration, planRedraw } from "./tasks.ts";

/** What an iteration played, and how often groups were redrawn for it. */
export interface CollectedGroups extends Collected {
  readonly redraws: number;
}

/**
 * Plays an iteration's groups. With `uniform_groups = "redraw"` (dynamic sampling, DAPO) other tasks are then
 * played in the place of groups whose rewards are all equal, until as many groups teach something as an
 * iteration has, the rounds are used up, or so are the tokens of the run; the groups that teach are learned from.
 * @param tokensLeft that the run may still generate
 * @throws InterruptedError when the signal comes before the last episode is over
 */
export async function collectGroups(
  collector: Collector,
  config: RunConfig,
  tasks: readonly string[],
  iteration: number,
  tokensLeft: number,
  interrupted: AbortSignal,
): Promise<CollectedGroups> {
  const { rollout, algorithm } = config;
  const sampling: SamplingOptions = {
    temperature: rollout.temperature,
    topP: rollout.top_p,
    topK: rollout.top_k,
  };
  const rounds = algorithm.uniform_groups === "redraw" ? algorithm.redraw_rounds : 0;
  const first = planIteration(config, tasks, iteration);
  let all: Collected = await collect(collector, first, sampling, interrupted);
  for (let round = 1; round <= rounds; round++) {
    const teaching = new Set(learnedFrom(all.trajectories, config).map(({ group }) => group));
    const count = rollout.tasks_per_iteration - teaching.size;
    if (count === 0 || all.tokensDrawn >= tokensLeft) return { ...all, redraws: round - 1 };
    const plans = planRedraw(config, tasks, { iteration, round, count });
    all = joined(all, await collect(collector, plans, sampling, interrupted));
  }
  return { ...all, redraws: rounds };
}

function joined(a: Collected, b: Collected): Collected {
  return {
    trajectories: [...a.trajectories, ...b.trajectories],
    retries: [...a.retries, ...b.retries],
    tokensDrawn: a.tokensDrawn + b.tokensDrawn,
  };
}
