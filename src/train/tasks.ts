import { randomFrom, seedFor } from "../core/random.ts";
import type { EpisodePlan } from "../rollout/agent.ts";
import type { RunConfig } from "./config.ts";

/** The episodes of an iteration: `group_size` of each of its tasks, sharing the task's opening. */
export function planIteration(
  { run, rollout }: RunConfig,
  tasks: readonly string[],
  iteration: number,
): EpisodePlan[] {
  const chosen = tasksOf(tasks, run.seed, iteration, rollout.tasks_per_iteration);
  return chosen.flatMap((task, place) =>
    Array.from({ length: rollout.group_size }, (_, member) => ({
      name: `${iteration}/${place}#${member}`,
      group: `${iteration}/${place}`,
      task,
      openingSeed: seedFor(run.seed, "opening", iteration, place),
      seed: seedFor(run.seed, "rollout", iteration, place, member),
    })),
  );
}

/** Tasks in shuffled rounds: each is played once before any is played again. */
function tasksOf(
  tasks: readonly string[],
  seed: number,
  iteration: number,
  count: number,
): string[] {
  const round = (index: number) => randomFrom(seedFor(seed, "round", index)).shuffle(tasks);
  return Array.from({ length: count }, (_, i) => {
    const place = (iteration - 1) * count + i;
    return round(Math.floor(place / tasks.length))[place % tasks.length]!;
  });
}
