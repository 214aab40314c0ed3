import { InterruptedError } from "../core/errors.ts";
import type { World } from "../env/env.ts";
import type { Gpu } from "../gpu/device.ts";
import type { CacheRange, Extension, Generator, SamplingOptions } from "../model/generate.ts";
import { AgentEpisode, type AgentOptions, type EpisodePlan } from "./agent.ts";
import type { Trajectory } from "./trajectory.ts";

/** Everything that episodes are made with. */
export interface Collector extends AgentOptions {
  readonly gpu: Gpu;
  readonly world: World;
  readonly generator: Generator;
  readonly maxTurns: number;
  readonly invalidActionPenalty: number;
  /** Episodes that run side by side. */
  readonly rows: number;
}

export interface Collected {
  readonly trajectories: readonly Trajectory[];
  /** Actions tried again in a state where they had been tried, per trajectory. */
  readonly repeated: readonly number[];
  /** Tokens fed to the model, and tokens it drew. */
  readonly tokensRead: number;
  readonly tokensDrawn: number;
}

/**
 * Plays the planned episodes; results are in the order of the plans. Neighbours of one group and opening
 * share their prompt's keys and values. A row that is done leaves at once, and no result depends on
 * which episodes ran beside it.
 * @throws InterruptedError when the signal comes before the last episode is over
 */
export async function collect(
  collector: Collector,
  plans: readonly EpisodePlan[],
  sampling: SamplingOptions,
  interrupted?: AbortSignal,
): Promise<Collected> {
  const trajectories: Trajectory[] = [];
  const repeated: number[] = [];
  let tokensRead = 0;
  let tokensDrawn = 0;
  for (const wave of waves(plans, collector.rows)) {
    const played = await playWave(collector, wave, sampling, interrupted);
    trajectories.push(...played.trajectories);
    repeated.push(...played.repeated);
    tokensRead += played.tokensRead;
    tokensDrawn += played.tokensDrawn;
  }
  return { trajectories, repeated, tokensRead, tokensDrawn };
}

/** As few waves as the rows allow, of nearly equal size: a small last one would cost as many steps as a full one. */
function waves(plans: readonly EpisodePlan[], rows: number): EpisodePlan[][] {
  const count = Math.ceil(plans.length / rows);
  return Array.from({ length: count }, (_, i) =>
    plans.slice(
      Math.floor((i * plans.length) / count),
      Math.floor(((i + 1) * plans.length) / count),
    ),
  );
}

interface Row {
  readonly episode: AgentEpisode;
  readonly own: CacheRange;
  /** Absent once the row's context is its own. */
  prefix: CacheRange | undefined;
}

async function playWave(
  collector: Collector,
  plans: readonly EpisodePlan[],
  sampling: SamplingOptions,
  interrupted: AbortSignal | undefined,
): Promise<Collected> {
  const { world, generator, maxTurns } = collector;
  generator.clear();
  const episodes: AgentEpisode[] = [];
  for (const plan of plans) {
    const episode = await world.start(plan.task, plan.openingSeed, maxTurns);
    episodes.push(new AgentEpisode(plan, episode, collector));
  }
  let tokensRead = 0;
  const prompts: Extension[] = [];
  // An opening without room leaves an episode no turn; its group shares it.
  const playable = episodes.filter(({ done }) => !done);
  const rows = playable.map((episode, i): Row => {
    const before = playable[i - 1];
    const shares =
      before?.plan.group === episode.plan.group &&
      before.plan.openingSeed === episode.plan.openingSeed;
    if (!shares) {
      const tokens = episode.prompt.slice(0, -1);
      prompts.push({ tokens, own: generator.reserve(Math.max(tokens.length, 1)) });
    }
    const prefix = prompts.at(-1)!.own;
    const own = generator.reserve(ownCapacity(collector, episode));
    return { episode, own, prefix };
  });
  await generator.extend(prompts, sampling);
  for (const { tokens } of prompts) tokensRead += tokens.length;

  let live = rows;
  while (live.length > 0) {
    if (interrupted?.aborted) throw new InterruptedError();
    for (const row of live) {
      if (!row.episode.fresh) continue;
      row.own.used = 0;
      row.prefix = undefined;
    }
    const extensions = live.map(({ episode, own, prefix }) => ({
      tokens: episode.pending,
      own,
      ...(prefix === undefined ? {} : { prefix }),
      draw: { seed: episode.plan.seed, index: episode.drawn },
    }));
    for (const { tokens } of extensions) tokensRead += tokens.length;
    const drawn = await generator.extend(extensions, sampling);
    await Promise.all(live.map(({ episode }, i) => episode.take(drawn[i]!)));
    for (const { episode, own, prefix } of live) {
      const length = (episode.fresh ? 0 : own.used) + episode.pending.length;
      const before = episode.fresh ? 0 : (prefix?.used ?? 0);
      const room = Math.min(own.capacity, collector.maxPositions - before);
      if (!episode.done && length > room) episode.truncate();
    }
    live = live.filter(({ episode }) => !episode.done);
  }
  await Promise.all(episodes.map((episode) => episode.close()));
  return {
    trajectories: episodes.map((e) => e.trajectory(world.name, collector.invalidActionPenalty)),
    repeated: episodes.map((e) => e.repeated),
    tokensRead,
    tokensDrawn: episodes.reduce((sum, { drawn }) => sum + drawn, 0),
  };
}

/** Tokens an episode can add after its shared prompt: every turn at its longest, with its answer. */
export function ownCapacity(
  collector: Pick<Collector, "maxTurns" | "maxTokensPerTurn" | "maxPositions" | "text" | "history">,
  episode: { readonly prompt: { readonly length: number } },
): number {
  const { maxTurns, maxTokensPerTurn, maxPositions, text, history } = collector;
  // Whole sentences are longer than the mean reply, and so is a prompt that comes anew every turn.
  if (text.template !== undefined || history !== "full") return maxPositions;
  return 1 + maxTurns * (maxTokensPerTurn + Math.min(episode.prompt.length, MEAN_REPLY));
}

/** Tokens that room is kept for, per answer of the world; an episode whose answers need more is cut off. */
const MEAN_REPLY = 16;
