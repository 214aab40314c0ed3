/** `empg eval`: how often a model solves a split's tasks. */

import { formatPercent } from "../../core/format.ts";
import { tellCaveat } from "../../env/caveats.ts";
import { measuredSplit, USUAL_TIMEOUT_MS } from "../../env/usual.ts";
import { openWorld } from "../../env/worlds.ts";
import { defineCommand } from "../command.ts";
import { figureTables } from "../figure-tables.ts";
import { number, text } from "../flags.ts";
import { PLAY_FLAGS, usualLimits } from "../play-flags.ts";
import { required } from "../required.ts";
import { withGpu } from "../with-gpu.ts";

export const command = defineCommand({
  name: "eval",
  summary: "a model's success in an environment, with a 95 % interval",
  flags: {
    ...PLAY_FLAGS,
    split: text("S", "the tasks; absent: heldout, test or valid_seen, whichever there is"),
    episodes: number("N", "episodes to play", { type: "integer", minimum: 1, fallback: 200 }),
  },
  async run({ model, env, data, option, device, json, seed = 0, ...given }, io) {
    const path = required("eval: --model M", model);
    const world = await openWorld(required("eval: --env E", env), {
      ...{ data, option, note: io.note },
      timeoutMs: USUAL_TIMEOUT_MS,
    });
    const play = { ...given, ...usualLimits(world, given) };
    const { openModel } = await import("../../model/builtin.ts");
    const { openCollector, openPolicy, openText, requireSplit } = await import(
      "../../train/policy.ts"
    );
    const { requireKnownWords } = await import("../../train/known-words.ts");
    const { evaluate } = await import("../../train/evaluate.ts");
    const { episodes, temperature, topP, topK } = play;
    const split = play.split ?? measuredSplit(world.splits);
    const tasks = requireSplit(world, split);
    tellCaveat(world, split, io.note);
    const { tokenizer } = openText(path, openModel(path));
    await requireKnownWords(world, tasks, path, tokenizer);
    const found = await withGpu(device, io, async (gpu, scope) => {
      const policy = await openPolicy(gpu, scope, path);
      const rows = Math.min(play.rows, episodes);
      const stop = play.stop.length > 0 ? play.stop : undefined;
      const options = { ...play, rows, stop, invalidActionPenalty: 0, note: io.note };
      const collector = openCollector(gpu, scope, policy, world, options);
      return evaluate(collector, { split, episodes, temperature, topP, topK, seed });
    });
    if (found.environment_faults > 0) {
      io.note(
        `${found.environment_faults} episodes ended in a fault of the environment: not counted`,
      );
    }
    if (json) {
      io.out(JSON.stringify(found));
      return;
    }
    const [low, high] = found.ci95;
    io.out(
      `${found.env} ${split} T ${temperature} │ success ${formatPercent(found.success_rate)} ` +
        `[${formatPercent(low)}, ${formatPercent(high)}] of ${found.episodes} │ ` +
        `${found.turns_mean.toFixed(1)} turns`,
    );
    const widest = Math.max(6, ...Object.keys(found.by_kind ?? {}).map(({ length }) => length));
    for (const [kind, { episodes, success_rate, ci95 }] of Object.entries(found.by_kind ?? {})) {
      const interval = `[${formatPercent(ci95[0])}, ${formatPercent(ci95[1])}]`;
      io.out(`  ${kind.padEnd(widest)} ${formatPercent(success_rate)} ${interval} of ${episodes}`);
    }
    for (const line of figureTables(found)) io.out(line);
    io.note(`tasks ${split} ${found.tasks} · ${found.tasks_hash}`);
  },
});
