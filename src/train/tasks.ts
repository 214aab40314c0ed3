import { randomFrom, seedFor } from "../core/random.ts";
import type { EpisodePlan } from "../rollout/agent.ts";
import type { RunConfig } from "./config.ts";

/** The episodes of an iteration: `group_size` of each of its tasks, sharing the task's opening. */
export function planIteration(
  config: RunConfig,
  tasks: readonly string[],
  iteration: number,
): EpisodePlan[] {
  const { run, rollout } = config;
  const chosen = tasksOf(tasks, run.seed, iteration, rollout.tasks_per_iteration);
  return groupsOf(config, chosen, [iteration]);
}

/**
 * Further groups in the place of `count` that taught nothing. They come from rounds of their own, so that the
 * tasks of later iterations are the same whether or not groups were redrawn.
 */
export function planRedraw(
  config: RunConfig,
  tasks: readonly string[],
  { iteration, round, count }: { iteration: number; round: number; count: number },
): EpisodePlan[] {
  const seed = seedFor(config.run.seed, "redraw", iteration, round);
  const chosen = Array.from({ length: Math.ceil(count / tasks.length) }, (_, i) =>
    randomFrom(seedFor(seed, i)).shuffle(tasks),
  );
  return groupsOf(config, chosen.flat().slice(0, count), [iteration, round]);
}

/** @param place the iteration, and for a redraw its round */
function groupsOf(
  { run, rollout }: RunConfig,
  tasks: readonly string[],
  place: readonly number[],
): EpisodePlan[] {
  const name = place.join(".");
  return tasks.flatMap((task, index) =>
    Array.from({ length: rollout.group_size }, (_, member) => ({
      name: `${name}/${index}#${member}`,
      group: `${name}/${index}`,
      task,
      openingSeed: seedFor(run.seed, "opening", ...place, index),
      seed: seedFor(run.seed, "rollout", ...place, index, member),
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
