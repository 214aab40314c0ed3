/** The worlds an agent can act in, by name. */
import { UserError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import { OPTIONS as alfworldOptions } from "./alfworld/options.ts";
import { Alfworld } from "./alfworld/world.ts";
import { OPTIONS as deepsearchOptions } from "./deepsearch/options.ts";
import { DeepSearch } from "./deepsearch/world.ts";
import type { World, WorldOptions } from "./env.ts";
import type { Options } from "./options.ts";
import { OPTIONS as textcraftOptions } from "./textcraft/options.ts";
import { TextCraft } from "./textcraft/world.ts";
import { OPTIONS as webshopOptions } from "./webshop/options.ts";
import { WebShop } from "./webshop/world.ts";

interface Opener {
  open(options: WorldOptions): World | Promise<World>;
  readonly options: Options;
}

const WORLDS: Readonly<Record<string, Opener>> = {
  textcraft: { open: (options) => new TextCraft(options), options: textcraftOptions },
  alfworld: { open: (options) => new Alfworld(options), options: alfworldOptions },
  webshop: { open: WebShop.open, options: webshopOptions },
  deepsearch: { open: DeepSearch.open, options: deepsearchOptions },
};

export const WORLD_NAMES: readonly string[] = Object.keys(WORLDS);

/**
 * @throws UserError for an unknown name, unreadable data or an unknown option
 */
export async function openWorld(name: string, options: WorldOptions = {}): Promise<World> {
  return await opener(name).open(options);
}

/** The switches of a world. @throws UserError for an unknown name */
export function optionsOf(name: string): Options {
  return opener(name).options;
}

function opener(name: string): Opener {
  if (Object.hasOwn(WORLDS, name)) return WORLDS[name]!;
  const known = WORLD_NAMES.join(", ");
  const hint = didYouMean(name, WORLD_NAMES);
  throw new UserError(`no such environment "${name}" (known: ${known})`, hint || undefined);
}
