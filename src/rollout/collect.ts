import { InterruptedError } from "../core/errors.ts";
import { printable } from "../core/printable.ts";
import type { Episode, World } from "../env/env.ts";
import type { Generator } from "../model/generate.ts";
import type { SamplingOptions } from "../ops/transformer/sample.ts";
import { AgentEpisode, type AgentOptions, BROKEN, type EpisodePlan, withinTime } from "./agent.ts";
import type { Retries } from "./retries.ts";
import { Row, SharedPrompt } from "./row.ts";
import { Schedule } from "./schedule.ts";
import type { Trajectory } from "./trajectory.ts";

/** Everything that episodes are made with. */
export interface Collector extends AgentOptions {
  readonly world: World;
  readonly generator: Generator;
  readonly maxTurns: number;
  readonly invalidActionPenalty: number;
  /** Episodes that run side by side. */
  readonly rows: number;
}

/** An episode that is over. */
export interface Played {
  readonly trajectory: Trajectory;
  readonly retries: Retries;
  /** Tokens that were drawn in it. */
  readonly drawn: number;
}

export interface Collected {
  readonly trajectories: readonly Trajectory[];
  /** Per trajectory. */
  readonly retries: readonly Retries[];
  readonly tokensDrawn: number;
}

/** Plays the planned episodes; results are in the order of the plans. See `play`. */
export async function collect(
  collector: Collector,
  plans: readonly EpisodePlan[],
  sampling: SamplingOptions,
  interrupted?: AbortSignal,
): Promise<Collected> {
  const played = await Array.fromAsync(play(collector, plans, sampling, interrupted));
  return {
    trajectories: played.map(({ trajectory }) => trajectory),
    retries: played.map(({ retries }) => retries),
    tokensDrawn: played.reduce((sum, { drawn }) => sum + drawn, 0),
  };
}

/**
 * Plays the planned episodes and gives them out in the order of the plans. Neighbours of one group and opening
 * share their prompt's keys and values. An episode that is over makes room for the next one at once, and no
 * result depends on which episodes ran beside it, nor on how many the cache holds. The generator plays one
 * such list at a time.
 * @throws InterruptedError when the signal comes before the last episode is over
 */
export async function* play(
  collector: Collector,
  plans: readonly EpisodePlan[],
  sampling: SamplingOptions,
  interrupted?: AbortSignal,
): AsyncGenerator<Played> {
  const { world, generator, rows, invalidActionPenalty } = collector;
  const { pool } = generator;
  const { draws } = generator.size;
  pool.clear();
  const schedule = new Schedule(pool, { rows, draws });
  const opener = new Opener(collector, plans);
  const over = new Map<number, Played>();
  const finish = async ({ place, episode }: Row) => {
    await opener.close(episode);
    const trajectory = episode.trajectory(world.name, invalidActionPenalty);
    over.set(place, { trajectory, retries: episode.retries, drawn: episode.drawn });
  };
  try {
    for (let given = 0; given < plans.length; ) {
      if (interrupted?.aborted) throw new InterruptedError();
      schedule.makeRoom();
      while (schedule.hasRoom) {
        const row = schedule.next() ?? (await opener.open());
        if (!row) break;
        if (row.episode.done) {
          schedule.leave(row);
          await finish(row);
        } else if (!schedule.admit(row)) break;
      }
      await advance(generator, schedule.running, sampling);
      for (const row of schedule.takeFinished()) await finish(row);
      for (let played = over.get(given); played; played = over.get(++given)) {
        over.delete(given);
        yield played;
      }
    }
  } finally {
    await opener.closeAll();
  }
}

/** One call of the generator for all rows, and the world's answers to the turns that ended. */
async function advance(
  generator: Generator,
  rows: readonly Row[],
  sampling: SamplingOptions,
): Promise<void> {
  const prompts = new Set(rows.map(({ prompt }) => prompt));
  const openings = [...prompts].flatMap((prompt) => prompt?.extension ?? []);
  const own = rows.map((row) => row.extension(generator.size.draws));
  const drawn = await generator.extend([...openings, ...own], sampling);
  await Promise.all(rows.map((row, i) => row.take(drawn[i]!)));
}

/** Begins episodes in the order of their plans, and ends those that are left. */
class Opener {
  readonly #collector: Collector;
  readonly #plans: readonly EpisodePlan[];
  readonly #open = new Set<AgentEpisode>();
  #begun = 0;
  #prompt: { readonly plan: EpisodePlan; readonly prompt: SharedPrompt } | undefined;

  constructor(collector: Collector, plans: readonly EpisodePlan[]) {
    this.#collector = collector;
    this.#plans = plans;
  }

  /** The next episode, as a row; undefined after the last. */
  async open(): Promise<Row | undefined> {
    const place = this.#begun;
    const plan = this.#plans[place];
    if (!plan) return undefined;
    this.#begun++;
    const { episode, fault } = await this.#start(plan);
    const begun = new AgentEpisode(plan, episode, this.#collector, fault);
    this.#open.add(begun);
    const { maxPositions, generator } = this.#collector;
    const prompt = this.#promptOf(place, plan, begun);
    return new Row(place, begun, prompt, { maxPositions, pool: generator.pool });
  }

  /** A world that cannot begin an episode says nothing about the policy: the episode has a fault and no turn. */
  async #start({ task, openingSeed }: EpisodePlan): Promise<{ episode: Episode; fault?: string }> {
    const { world, maxTurns, timeoutMs } = this.#collector;
    try {
      const started = world.start(task, openingSeed, maxTurns);
      return { episode: await withinTime(started, timeoutMs) };
    } catch (error) {
      return { episode: BROKEN, fault: (error as Error).message };
    }
  }

  /** The opening that the plan's neighbours share, computed from the first that could begin. */
  #promptOf(place: number, plan: EpisodePlan, episode: AgentEpisode): SharedPrompt {
    const last = this.#prompt;
    if (last && sharesOpening(last.plan, plan)) return last.prompt;
    if (episode.faulty) return new SharedPrompt([], 1);
    let end = place + 1;
    while (end < this.#plans.length && sharesOpening(this.#plans[end]!, plan)) end++;
    const prompt = new SharedPrompt(episode.prompt.slice(0, -1), end - place);
    this.#prompt = { plan, prompt };
    return prompt;
  }

  async close(episode: AgentEpisode): Promise<void> {
    this.#open.delete(episode);
    try {
      await withinTime(episode.close(), this.#collector.timeoutMs);
    } catch (error) {
      // What was played is played.
      const reason = printable((error as Error).message);
      this.#collector.note?.(`${episode.plan.name}: not closed: ${reason}`);
    }
  }

  async closeAll(): Promise<void> {
    for (const episode of this.#open) await this.close(episode);
  }
}

function sharesOpening(a: EpisodePlan, b: EpisodePlan): boolean {
  return a.group === b.group && a.openingSeed === b.openingSeed;
}
