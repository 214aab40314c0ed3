import { UserError } from "../core/errors.ts";
import type { World } from "../env/env.ts";
import { usualFor } from "../env/usual.ts";
import type { Tokenizer } from "../text/tokenizer.ts";

/** Openings that are looked at. */
const OPENINGS = 8;
/** A few names may be new; a model that knows less than this was made for another world. */
const LEAST_KNOWN = 0.75;

/**
 * Models with whole words for tokens know those of one world's format. What they read elsewhere is mostly their word for
 * what they do not know, and nothing can be learned from it.
 * @param tasks that it is to play
 * @throws UserError where most of a world's openings are unknown
 */
export async function requireKnownWords(
  world: World,
  tasks: readonly string[],
  model: string,
  tokenizer: Tokenizer,
): Promise<void> {
  const unknown = tokenizer.idOf("<unk>");
  if (unknown === undefined) return;
  const ids: number[] = [];
  for (const task of tasks.slice(0, OPENINGS)) {
    const episode = await world.start(task, 0);
    ids.push(...tokenizer.encode(world.format.opening(episode.opening, episode.admissible())));
    await episode.close();
  }
  const known = ids.filter((id) => id !== unknown).length / Math.max(ids.length, 1);
  if (known >= LEAST_KNOWN) return;
  throw new UserError(
    `${model} knows ${Math.round(100 * known)} % of the words that ${world.name} begins with: it was made for another world, or for another format or other options of it`,
    `${usualFor(world.name).model} knows ${world.name} in format compact; bench/results/learn.sh of the sources makes such models`,
  );
}
