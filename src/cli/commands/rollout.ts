/** `empg rollout`: episodes of a model, or of the world's expert, as trajectories in a file. */

import { renameSync } from "node:fs";
import { formatPercent } from "../../core/format.ts";
import { randomFrom, seedFor } from "../../core/random.ts";
import { tellCaveat } from "../../env/caveats.ts";
import type { World } from "../../env/env.ts";
import { USUAL_TIMEOUT_MS, usualFor, usualSplit } from "../../env/usual.ts";
import { openWorld } from "../../env/worlds.ts";
import type { EpisodePlan } from "../../rollout/agent.ts";
import type { Trajectory } from "../../rollout/trajectory.ts";
import type { ModelText } from "../../text/model-text.ts";
import { defineCommand, type Io } from "../command.ts";
import { choice, number, text } from "../flags.ts";
import { PLAY_FLAGS, usualLimits } from "../play-flags.ts";
import { required, requireNewFile } from "../required.ts";
import { withGpu } from "../with-gpu.ts";

export const command = defineCommand({
  name: "rollout",
  summary: "collect trajectories of a model, or of the environment's expert",
  flags: {
    ...PLAY_FLAGS,
    split: text("S", "the tasks; absent: train or valid_train, whichever there is"),
    episodes: number("N", "episodes to collect", { type: "integer", minimum: 1 }),
    groupSize: number("N", "episodes per task; absent: 8, for the expert 1", {
      type: "integer",
      minimum: 1,
    }),
    out: text("FILE", "where to; must not exist yet"),
    policy: choice(
      ["model", "expert"],
      "who plays; the expert needs no GPU, and of --model (absent: the world's built-in one) only the tokenizer",
      { fallback: "model" },
    ),
    mistakes: number("RATE", "the expert's chance of a mistake on purpose at each turn", {
      minimum: 0,
      maximum: 1,
      fallback: 0,
    }),
  },
  async run({ env, data, option, device, json, seed = 0, ...given }, io) {
    const { policy } = given;
    const expert = policy === "expert";
    const model = required(
      "rollout: --model M",
      given.model ?? (expert ? usualFor(env ?? "").model : undefined),
    );
    const out = required("rollout: --out FILE", given.out);
    const episodes = required("rollout: --episodes N", given.episodes);
    const world = await openWorld(required("rollout: --env E", env), {
      ...{ data, option, note: io.note },
      timeoutMs: USUAL_TIMEOUT_MS,
    });
    const split = given.split ?? usualSplit(world.splits);
    const play = { ...given, ...usualLimits(world, given) };
    requireNewFile("--out", out);
    const { openModel } = await import("../../model/builtin.ts");
    const { openText, requireSplit } = await import("../../train/policy.ts");
    const { requireKnownWords } = await import("../../train/known-words.ts");
    const tasks = requireSplit(world, split);
    tellCaveat(world, split, io.note);
    const language = openText(model, openModel(model));
    await requireKnownWords(world, tasks, model, language.tokenizer);
    const groupSize = play.groupSize ?? (expert ? 1 : 8);
    const plans = planEpisodes(world, tasks, { split, episodes, groupSize, seed });
    const tally = new Tally(plans.length, io);
    if (expert) {
      await save(out, tally.over(demonstrations(world, language, plans, play)));
    } else {
      await withGpu(device, io, async (gpu, scope) => {
        const { openCollector, openPolicy } = await import("../../train/policy.ts");
        const { play: playAll } = await import("../../rollout/collect.ts");
        const opened = await openPolicy(gpu, scope, model);
        const rows = Math.min(play.rows, plans.length);
        const stop = play.stop.length > 0 ? play.stop : undefined;
        const options = { ...play, rows, stop, invalidActionPenalty: 0, note: io.note };
        const collector = openCollector(gpu, scope, opened, world, options);
        await save(out, tally.over(trajectories()));

        async function* trajectories() {
          for await (const { trajectory } of playAll(collector, plans, play)) yield trajectory;
        }
      });
    }
    const summary = { file: out, env: world.name, split, policy, group_size: groupSize };
    if (json) io.out(JSON.stringify({ ...summary, ...tally.summary() }));
    else io.out(`${tally.line()} │ ${out}`);
  },
});

/** Groups of episodes that share task and opening; all tasks in random order before any comes again. */
function planEpisodes(
  world: World,
  tasks: readonly string[],
  {
    split,
    episodes,
    groupSize,
    seed,
  }: Record<"episodes" | "groupSize" | "seed", number> & {
    split: string;
  },
): EpisodePlan[] {
  let round: string[] = [];
  return Array.from({ length: episodes }, (_, i) => {
    const g = Math.floor(i / groupSize);
    const member = i % groupSize;
    const place = g % tasks.length;
    if (place === 0 && member === 0) {
      const index = Math.floor(g / tasks.length);
      round = randomFrom(seedFor(seed, "rollout-round", split, index)).shuffle(tasks);
    }
    return {
      name: `${world.name}/${g}#${member}`,
      group: `${world.name}/${g}`,
      task: round[place]!,
      openingSeed: seedFor(seed, "rollout-opening", split, g),
      seed: seedFor(seed, "rollout", split, g, member),
    };
  });
}

async function* demonstrations(
  world: World,
  language: ModelText,
  plans: readonly EpisodePlan[],
  { maxTurns, mistakes, history }: { maxTurns: number; mistakes: number; history: "full" | number },
): AsyncGenerator<Trajectory> {
  const { demonstrate } = await import("../../rollout/demonstrate.ts");
  for (const { seed, ...plan } of plans) {
    const careful = { ...plan, maxTurns, mistakes: { rate: mistakes, seed } };
    yield demonstrate(world, language, careful, history);
  }
}

/** The file has its name only once it is whole. */
async function save(path: string, trajectories: AsyncIterable<Trajectory>): Promise<void> {
  const { writeTrajectories } = await import("../../rollout/trajectory.ts");
  const partial = `${path}.partial`;
  await writeTrajectories(partial, trajectories);
  renameSync(partial, path);
}

const NOTE_EVERY = 500;

/** Counts the trajectories that pass by. */
class Tally {
  readonly #planned: number;
  readonly #io: Io;
  readonly #groups = new Set<string>();
  #episodes = 0;
  #faults = 0;
  #wins = 0;
  #returns = 0;
  #turns = 0;
  #tokens = 0;

  constructor(planned: number, io: Io) {
    this.#planned = planned;
    this.#io = io;
  }

  async *over(trajectories: AsyncIterable<Trajectory>): AsyncGenerator<Trajectory> {
    for await (const trajectory of trajectories) {
      this.#add(trajectory);
      if (this.#episodes % NOTE_EVERY === 0) {
        this.#io.note(`episode ${this.#episodes}/${this.#planned}`);
      }
      yield trajectory;
    }
  }

  /** A fault of the world is counted, and in no mean. */
  #add({ group, end, success, steps, ...trajectory }: Trajectory): void {
    this.#episodes++;
    this.#groups.add(group);
    this.#tokens += steps.reduce((sum, { tokens }) => sum + tokens.length, 0);
    if (end === "fault") {
      this.#faults++;
      return;
    }
    if (success) this.#wins++;
    this.#returns += trajectory.return;
    this.#turns += steps.length;
  }

  summary() {
    const played = Math.max(this.#episodes - this.#faults, 1);
    return {
      episodes: this.#episodes,
      groups: this.#groups.size,
      success_rate: this.#wins / played,
      reward_mean: this.#returns / played,
      turns_mean: this.#turns / played,
      tokens_generated: this.#tokens,
      environment_faults: this.#faults,
    };
  }

  line(): string {
    const { episodes, success_rate, turns_mean } = this.summary();
    const success = formatPercent(success_rate);
    return `${episodes} episodes │ success ${success} │ ${turns_mean.toFixed(1)} turns`;
  }
}
