/** The worlds an agent can act in, by name. */
import { UserError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { printable } from "../core/printable.ts";
import { Alfworld } from "./alfworld/world.ts";
import { DeepSearch } from "./deepsearch/world.ts";
import type { World, WorldOptions } from "./env.ts";
import { TextCraft } from "./textcraft/world.ts";
import { WebShop } from "./webshop/world.ts";

const WORLDS: Readonly<Record<string, (options: WorldOptions) => World | Promise<World>>> = {
  textcraft: (options) => new TextCraft(options),
  alfworld: (options) => new Alfworld(options),
  webshop: (options) => WebShop.open(options),
  deepsearch: (options) => DeepSearch.open(options),
};

export const WORLD_NAMES: readonly string[] = Object.keys(WORLDS);

/**
 * @throws UserError for an unknown name, unreadable data or an unknown option
 */
export async function openWorld(name: string, options: WorldOptions = {}): Promise<World> {
  const open = Object.hasOwn(WORLDS, name) ? WORLDS[name] : undefined;
  const { note } = options;
  const plain = note && { note: (line: string) => note(printable(line)) };
  if (open !== undefined) return await open({ ...options, ...plain });
  const known = WORLD_NAMES.join(", ");
  const hint = didYouMean(name, WORLD_NAMES);
  throw new UserError(`no such environment "${name}" (known: ${known})`, hint || undefined);
}
