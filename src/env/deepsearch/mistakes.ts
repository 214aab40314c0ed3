import { drawWeighted } from "../../core/draws.ts";
import type { Random } from "../../core/random.ts";
import { type ExpertOptions, type Intention, type Position, write } from "./intention.ts";

/**
 * A turn that is wrong on purpose: a search for the whole question (30 %), for something that was found already
 * (25 %), for a part of a name (20 %), a tag left open (15 %), the turn before once more (10 %). A kind that does
 * not apply leaves its share to the others.
 * @returns nothing where no mistake is possible
 */
export function mistake(
  random: Random,
  position: Position,
  options: ExpertOptions,
  right: Intention,
  previous: string | undefined,
): string | undefined {
  const search = (query: string | undefined) =>
    query === undefined || query === "" || query === right.query
      ? undefined
      : write({ thought: options.isCompact ? "" : `I look for ${query}.`, query }, options);
  const titles = [...position.shown.values()];
  const words = (right.query ?? right.answer ?? "").split(" ");
  const rightAction = write(right, options);
  const kinds: (readonly [number, string | undefined])[] = [
    [30, search(options.wholeQuery(position.question.question))],
    [25, search(random.sample(titles, 1)[0])],
    [20, words.length > 1 ? search(random.sample(words, 1)[0]) : undefined],
    [15, rightAction.slice(0, rightAction.lastIndexOf("<"))],
    [10, previous],
  ];
  const possible = kinds.filter(([, action]) => action !== undefined && action !== rightAction);
  return drawWeighted(random, possible);
}
