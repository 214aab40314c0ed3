// bun bench/worlds/webshop.ts [--data DIR] [--goals human]: how fast a shop starts, searches and steps, and what
// sessions weigh.
//
// One JSON line last. Wrong answers are not timed: the expert buys first, and every search is answered.

import { parseArgs } from "node:util";
import { randomFrom } from "../../src/core/random.ts";
import type { WebShopEpisode } from "../../src/env/webshop/env.ts";
import { WebShop } from "../../src/env/webshop/world.ts";
import { median, residentMegabytes, Stopwatch } from "./stopwatch.ts";

const ROUNDS = 9;
const EPISODES = 200;
const STEPS_PER_EPISODE = 15;
const CONCURRENT = 1000;
const EXPERT_GAMES = 300;

const { values: flags } = parseArgs({
  options: { data: { type: "string" }, goals: { type: "string", default: "synthetic" } },
});

const starting = new Stopwatch();
const world = new WebShop({ data: flags.data, option: { goals: flags.goals } });
const all = world.splits.all as readonly string[];
const first = world.start(all[0] as string, 0);
first.step("search[first]");
const start = starting.read();
const { shop } = first;
const ids = Array.from({ length: EXPERT_GAMES }, (_, i) => all[(i * 7919) % all.length] as string);

let turns = 0;
let solved = 0;
for (const id of ids) {
  const episode = world.start(id, 0, STEPS_PER_EPISODE);
  const expert = world.expert(episode);
  for (let end = null as string | null; end === null; turns++) {
    const outcome = episode.step(expert.next());
    end = outcome.end;
    if (outcome.success) solved++;
  }
}
if (solved < 0.8 * ids.length) throw new Error(`the expert solves ${solved} of ${ids.length}`);

// Each query is asked once: answers are remembered.
const queries = all
  .slice(0, 2000)
  .map((id, i) => `${world.start(id, 0).goal.text.replace(/, and price.*/, "")} ${i}`);
const searches = queries.map((query) => {
  const from = performance.now();
  const found = shop.search.find(query);
  const elapsed = performance.now() - from;
  if (found.length === 0) throw new Error(`nothing found for "${query}"`);
  return elapsed;
});

/** An action as an agent might choose: what the page offers, or a search for the task's words. */
function choose(episode: WebShopEpisode, draw: number): string {
  const choices = episode.admissible();
  const chosen = choices[Math.floor(draw * choices.length)] as string;
  const words = episode.goal.text.split(" ");
  const from = Math.floor(draw * words.length);
  return chosen.startsWith("search[") ? `search[${words.slice(from, from + 4).join(" ")}]` : chosen;
}

/** Steps with the list of what can be done before each. Steps per second of a kind of time. */
function stepRate(round: number): { wall: number; cpu: number } {
  const random = randomFrom(round);
  // Chance is drawn beforehand: its cost is not the world's.
  const draws = Float64Array.from({ length: EPISODES * STEPS_PER_EPISODE }, () => random.uniform());
  let steps = 0;
  const stopwatch = new Stopwatch();
  for (let i = 0; i < EPISODES; i++) {
    const id = all[(round * EPISODES + i * 31) % all.length] as string;
    const episode = world.start(id, round, STEPS_PER_EPISODE);
    for (let end = null as string | null; end === null; steps++) {
      end = episode.step(choose(episode, draws[steps] as number)).end;
    }
  }
  const { wallMs, cpuMs } = stopwatch.read();
  return { wall: (1000 * steps) / wallMs, cpu: (1000 * steps) / cpuMs };
}

const rates = Array.from({ length: ROUNDS }, (_, round) => stepRate(round));

const before = residentMegabytes();
const episodes: WebShopEpisode[] = [];
for (let i = 0; i < CONCURRENT; i++) {
  const episode = world.start(all[(i * 17) % all.length] as string, i, STEPS_PER_EPISODE);
  for (let step = 0; step < 8; step++) {
    const outcome = episode.step(choose(episode, ((7 * i + 13 * step) % 97) / 97));
    if (outcome.end !== null) break;
  }
  episodes.push(episode);
}
const after = residentMegabytes();

const figures = {
  products: shop.catalogue.size,
  goals: all.length,
  start_ms: Math.round(start.wallMs),
  start_cpu_ms: Math.round(start.cpuMs),
  expert: { solved, games: ids.length, turns_mean: Number((turns / ids.length).toFixed(2)) },
  search_ms: { median: median(searches), max: Math.max(...searches) },
  steps_per_s: Math.round(median(rates.map(({ wall }) => wall))),
  // On a machine that does other things, too, this is nearer to what a core of its own would do.
  steps_per_cpu_s: Math.round(median(rates.map(({ cpu }) => cpu))),
  memory_mb: {
    process: Math.round(after),
    peak: Math.round(process.resourceUsage().maxRSS / 1000),
    grown: Math.round(after - before),
    episodes: episodes.length,
  },
};
console.log(
  `${figures.products} products, ${figures.goals} goals: first search after ${figures.start_ms} ms`,
);
console.log(
  `${figures.search_ms.median.toFixed(3)} ms for a search (median of ${searches.length})`,
);
console.log(
  `${figures.steps_per_s} steps/s, ${figures.steps_per_cpu_s} per second of CPU (medians of ${ROUNDS})`,
);
console.log(`${figures.memory_mb.grown} MB more for ${CONCURRENT} episodes`);
console.log(JSON.stringify(figures));
