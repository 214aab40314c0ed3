/** `empg envs`: which worlds there are, how many tasks each split has, and which. */

import { declaredHelp } from "../../core/declared.ts";
import { UserError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import type { World } from "../../env/env.ts";
import { optionName } from "../../env/options.ts";
import { taskListHash } from "../../env/task-list.ts";
import { openWorld, optionsOf, WORLD_NAMES } from "../../env/worlds.ts";
import { defineCommand, type Io } from "../command.ts";
import { operand, pairs, text } from "../flags.ts";
import { columns } from "../help.ts";

export const command = defineCommand({
  name: "envs",
  summary: "list the environments with their splits and sizes, or the options or the tasks of one",
  operands: {
    env: operand.optional(
      "only this one, with the fingerprints of its task lists, and its options",
    ),
  },
  flags: {
    data: text("DIR", "its data directory; absent: the data inside the executable"),
    split: text("S", "list the ids of this split, one a line"),
    option: pairs("KEY=VALUE", "a switch of the environment; `empg envs ENV` lists them"),
  },
  async run({ env, data, option, split, json }, io) {
    if (env !== undefined) {
      const world = await openWorld(env, { data, option, note: io.note });
      if (split === undefined) showWorld(world, json, io);
      else showTasks(world, split, json, io);
      return;
    }
    if (split !== undefined || data !== undefined) {
      throw new UserError("envs: --split and --data need an environment: empg envs ENV …");
    }
    const worlds = await Promise.all(WORLD_NAMES.map((name) => openWorld(name)));
    const rows = worlds.map(({ name, splits }) => ({ name, splits: sizesOf(splits) }));
    if (json) io.out(JSON.stringify(rows));
    else for (const { name, splits } of rows) io.out(`${name}  ${sizeText(splits)}`);
  },
});

function sizesOf(splits: World["splits"]): Record<string, number> {
  return Object.fromEntries(Object.entries(splits).map(([split, tasks]) => [split, tasks.length]));
}

function sizeText(sizes: Readonly<Record<string, number>>): string {
  return Object.entries(sizes)
    .map(([split, size]) => `${split} ${size}`)
    .join(" · ");
}

function showWorld({ name, splits }: World, json: boolean, io: Io): void {
  const hashes = Object.fromEntries(
    Object.entries(splits).map(([split, tasks]) => [split, taskListHash(tasks)]),
  );
  const options = Object.entries(optionsOf(name)).map(([key, declared]) => ({
    ...{ name: optionName(key), value: declared.placeholder, default: declared.fallback },
    help: declared.help,
  }));
  if (json) {
    io.out(JSON.stringify([{ name, splits: sizesOf(splits), hashes, options }]));
    return;
  }
  for (const [split, size] of Object.entries(sizesOf(splits))) {
    io.out(`${name}  ${split} ${size} · ${hashes[split]}`);
  }
  const rows = Object.entries(optionsOf(name)).map(
    ([key, declared]) =>
      [`${optionName(key)}=${declared.placeholder}`, declaredHelp(declared)] as const,
  );
  for (const line of [
    "",
    "options, each as --option NAME=VALUE, or in a configuration under [env.option]",
    ...columns(rows),
  ])
    io.out(line);
}

function showTasks({ name, splits }: World, split: string, json: boolean, io: Io): void {
  const tasks = Object.hasOwn(splits, split) ? splits[split] : undefined;
  if (tasks === undefined) {
    const known = Object.keys(splits);
    const problem = `--split: ${name} has no "${split}" (known: ${known.join(", ")})`;
    throw new UserError(problem, didYouMean(split, known) || undefined);
  }
  if (json) io.out(JSON.stringify({ name, split, hash: taskListHash(tasks), tasks }));
  else for (const task of tasks) io.out(task);
  io.note(`${tasks.length} tasks · ${taskListHash(tasks)}`);
}
