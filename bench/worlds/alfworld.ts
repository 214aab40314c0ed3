// bun bench/worlds/alfworld.ts --data DIR: how fast the released games load, start and step, and what they weigh.
//
// One JSON line last. Wrong answers are not timed: every game is solved by the expert first.

import { parseArgs } from "node:util";
import { randomFrom } from "../../src/core/random.ts";
import type { AlfworldEpisode } from "../../src/env/alfworld/env.ts";
import { Alfworld } from "../../src/env/alfworld/world.ts";
import { median, residentMegabytes, Stopwatch } from "./stopwatch.ts";

const ROUNDS = 9;
const STEPS_PER_GAME = 50;
const CONCURRENT = 1000;

const { values } = parseArgs({ options: { data: { type: "string" } } });

const before = residentMegabytes();
const started = performance.now();
const world = new Alfworld({ data: values.data });
const listed = performance.now();
const real = Object.values(world.splits).flat();
const ids = values.data === undefined ? real.filter((_, i) => i % 10 === 0) : real;
for (const id of ids) world.start(id, 0).close();
const loaded = performance.now();

let turns = 0;
for (const id of ids) {
  const episode = world.start(id, 0, STEPS_PER_GAME);
  const expert = world.expert(episode);
  for (let end = null as string | null; end === null; turns++) {
    const outcome = episode.step(expert.next());
    end = outcome.end;
    if (end !== null && !outcome.success) throw new Error(`the expert fails in ${id}`);
  }
}

/** Random admissible commands in every game; the list is asked for after each. Steps per second of a kind of time. */
function stepRate(round: number): { wall: number; cpu: number } {
  const random = randomFrom(round);
  const episodes = ids.map((id) => world.start(id, 0));
  // Chance is drawn beforehand: its cost is not the world's.
  const draws = Float64Array.from({ length: STEPS_PER_GAME }, () => random.uniform());
  let steps = 0;
  const stopwatch = new Stopwatch();
  for (const episode of episodes) {
    for (const draw of draws) {
      const choices = episode.admissible();
      steps++;
      if (episode.step(choices[Math.floor(draw * choices.length)] as string).end !== null) break;
    }
  }
  const { wallMs, cpuMs } = stopwatch.read();
  return { wall: (1000 * steps) / wallMs, cpu: (1000 * steps) / cpuMs };
}

const rates = Array.from({ length: ROUNDS }, (_, round) => stepRate(round));
const resets = ids.map((id) => {
  const from = performance.now();
  world.start(id, 1);
  return performance.now() - from;
});

const episodes: AlfworldEpisode[] = [];
for (let i = 0; i < CONCURRENT; i++) {
  const episode = world.start(ids[i % ids.length] as string, i);
  for (let step = 0; step < 10; step++) {
    const choices = episode.admissible();
    episode.step(choices[(7 * i + 13 * step) % choices.length] as string);
    if (episode.admissible().length === 0) break;
  }
  episodes.push(episode);
}
const after = residentMegabytes();

const figures = {
  games: ids.length,
  list_ms: Math.round(listed - started),
  load_all_ms: Math.round(loaded - started),
  expert_turns_mean: Number((turns / ids.length).toFixed(2)),
  steps_per_s: Math.round(median(rates.map(({ wall }) => wall))),
  // On a machine that does other things, too, this is nearer to what a core of its own would do.
  steps_per_cpu_s: Math.round(median(rates.map(({ cpu }) => cpu))),
  reset_ms: { median: median(resets), max: Math.max(...resets) },
  memory_mb: {
    process: Math.round(after),
    grown: Math.round(after - before),
    episodes: episodes.length,
  },
};
console.log(`${figures.games} games loaded in ${figures.load_all_ms} ms`);
console.log(
  `${figures.steps_per_s} steps/s, ${figures.steps_per_cpu_s} per second of CPU (medians of ${ROUNDS})`,
);
console.log(`${figures.reset_ms.median.toFixed(3)} ms for a reset (median)`);
console.log(`${figures.memory_mb.grown} MB more for ${CONCURRENT} episodes and all games`);
console.log(JSON.stringify(figures));
