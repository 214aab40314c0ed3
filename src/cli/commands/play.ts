/** `empg play`: a world by hand, or under a list of actions. */

import { z } from "zod";
import { UserError } from "../../core/errors.ts";
import { parseJson } from "../../core/json-text.ts";
import { didYouMean } from "../../core/nearest.ts";
import { printable } from "../../core/printable.ts";
import { readTextFile } from "../../core/text-file.ts";
import { validate } from "../../core/validate.ts";
import { tellCaveat } from "../../env/caveats.ts";
import type { World } from "../../env/env.ts";
import { type Replay, replay } from "../../env/replay.ts";
import { usualSplit } from "../../env/usual.ts";
import { openWorld } from "../../env/worlds.ts";
import { defineCommand, type Io } from "../command.ts";
import { number, operand, pairs, text } from "../flags.ts";
import { ending, playByHand } from "../play-by-hand.ts";

export const command = defineCommand({
  name: "play",
  summary: "act in an environment by hand, or replay actions",
  operands: { env: operand.one("the environment; `empg envs` lists them") },
  flags: {
    data: text("DIR", "its data directory; absent: the data inside the executable"),
    task: text("T", "which task, as the environment names them; absent: the seed picks one"),
    split: text("S", "the tasks to pick from; absent: train or valid_train, whichever there is"),
    panel: text("P", "a named list of tasks, such as adapt200; --task is then a number in it"),
    actions: text(
      "FILE",
      "play these: .json holds an array of strings, sent exactly as they are; any other file one " +
        "action a line, empty lines skipped; - is standard input. Short forms for typing by hand are none here",
    ),
    maxTurns: number("N", "end the episode after so many actions", { type: "integer", minimum: 1 }),
    option: pairs("KEY=VALUE", "a switch of the environment; `empg envs ENV` lists them"),
  },
  async run({ env, data, option, actions: file, maxTurns, seed = 0, json, ...where }, io) {
    const world = await openWorld(env, { data, option, note: io.note });
    const task = chooseTask(world, where, seed, io);
    if (file === undefined && !json) {
      const episode = await world.start(task, seed, maxTurns);
      try {
        await playByHand(world.name, episode, io);
      } finally {
        await episode.close();
      }
      return;
    }
    const actions = await readActions(file ?? "-");
    const played = await replay(world, task, actions, seed, maxTurns, (action, byHand) =>
      io.note(
        `${JSON.stringify(action)} was sent as it is; what it means by hand is written ${JSON.stringify(byHand)}`,
      ),
    );
    const unplayed = actions.length - played.transcript.length;
    if (unplayed > 0) io.note(`the episode ended; ${unplayed} more actions were not played`);
    if (json) io.out(JSON.stringify(played));
    else showReplay(played, io);
  },
});

interface TaskChoice {
  readonly task: string | undefined;
  readonly split: string | undefined;
  readonly panel: string | undefined;
}

/** A task named outright belongs to no list; a panel's may be given by its number alone. */
function chooseTask(
  world: World,
  { task, split, panel }: TaskChoice,
  seed: number,
  io: Io,
): string {
  if (task !== undefined && panel === undefined) return task;
  const name = panel ?? split ?? usualSplit(world.splits);
  const tasks = Object.hasOwn(world.splits, name) ? world.splits[name] : undefined;
  if (tasks === undefined) {
    const known = Object.keys(world.splits);
    const allowed = known.map((one) => `"${one}"`).join(", ");
    throw new UserError(
      `${panel === undefined ? "--split" : "--panel"}: ${world.name} has no "${name}", ` +
        `allowed: ${allowed}`,
      didYouMean(name, known) || undefined,
    );
  }
  if (tasks.length === 0) throw new UserError(`${world.name}: ${name} has no task to play`);
  tellCaveat(world, name, io.note);
  if (task !== undefined && tasks.includes(task)) return task;
  const position = task === undefined ? seed % tasks.length : Number(task);
  const chosen = /^\d+$/.test(task ?? "0") ? tasks[position] : undefined;
  if (chosen !== undefined) return chosen;
  const allowed = `0 to ${tasks.length - 1}`;
  throw new UserError(`--task: found "${task ?? ""}", allowed in ${name}: ${allowed}`);
}

/** White space inside a line is part of its action; the end of line, of either kind, is not. */
async function readActions(file: string): Promise<readonly string[]> {
  const content = await readTextFile(file);
  if (!file.endsWith(".json")) return content.split(/\r?\n/).filter((line) => line !== "");
  return validate(z.array(z.string()), parseJson(content, file), file);
}

function showReplay(played: Replay, io: Io): void {
  io.out(printable(played.opening.observation));
  for (const { action, observation } of played.transcript) {
    io.out(`> ${printable(action)}`);
    io.out(printable(observation));
  }
  const done = played.transcript.at(-1)?.done ?? false;
  io.out(ending(done, played.success, played.return, played.transcript.length));
}
