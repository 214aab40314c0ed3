import { InterruptedError } from "../core/errors.ts";
import type { World } from "../env/env.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Extension, Generator, SamplingOptions } from "../model/generate.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { AgentEpisode, type EpisodePlan } from "./agent.ts";
import type { Trajectory } from "./trajectory.ts";

/** Everything that episodes are made with. */
export interface Collector {
  readonly gpu: Gpu;
  readonly world: World;
  readonly generator: Generator;
  readonly tokenizer: Tokenizer;
  readonly maxTurns: number;
  readonly maxTokensPerTurn: number;
  readonly invalidActionPenalty: number;
  /** A world that answers later has a fault. */
  readonly timeoutMs: number;
  /** Episodes that run side by side. */
  readonly rows: number;
  /** Positions that the model knows; a longer episode is cut off. */
  readonly maxPositions: number;
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

async function playWave(
  collector: Collector,
  plans: readonly EpisodePlan[],
  sampling: SamplingOptions,
  interrupted: AbortSignal | undefined,
): Promise<Collected> {
  const { world, generator, tokenizer, maxTurns, maxTokensPerTurn, timeoutMs } = collector;
  generator.clear();
  const agent = { format: world.format, tokenizer, maxTokensPerTurn, timeoutMs };
  const episodes: AgentEpisode[] = [];
  for (const plan of plans) {
    const episode = await world.start(plan.task, plan.openingSeed, maxTurns);
    episodes.push(new AgentEpisode(plan, episode, agent));
  }
  let tokensRead = 0;
  const prompts: Extension[] = [];
  const rows = episodes.map((episode, i) => {
    const before = episodes[i - 1];
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
    const extensions = live.map(({ episode, own, prefix }) => ({
      tokens: episode.pending,
      own,
      prefix,
      draw: { seed: episode.plan.seed, index: episode.drawn },
    }));
    for (const { tokens } of extensions) tokensRead += tokens.length;
    const drawn = await generator.extend(extensions, sampling);
    await Promise.all(live.map(({ episode }, i) => episode.take(drawn[i]!)));
    for (const { episode, own, prefix } of live) {
      const length = own.used + episode.pending.length;
      const room = Math.min(own.capacity, collector.maxPositions - prefix.used);
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
  { maxTurns, maxTokensPerTurn }: Pick<Collector, "maxTurns" | "maxTokensPerTurn">,
  episode: { readonly prompt: { readonly length: number } },
): number {
  return 1 + maxTurns * (maxTokensPerTurn + Math.min(episode.prompt.length, MEAN_REPLY));
}

/** Tokens that room is kept for, per answer of the world; an episode whose answers need more is cut off. */
const MEAN_REPLY = 16;
