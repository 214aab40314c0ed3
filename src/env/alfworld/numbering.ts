/**
 * Entities by number. Objects, receptacles and locations that occur in some initial fact are counted in the
 * order of their ids; ids themselves are not needed once a game is compiled.
 */
import { displayNames } from "./names.ts";
import type { Problem } from "./problem.ts";

export interface Numbering {
  /** Display names by number. */
  readonly objects: readonly string[];
  readonly receptacles: readonly string[];
  readonly locations: readonly string[];
  /** Id → number among its own sort. */
  readonly indexOf: ReadonlyMap<string, number>;
}

export function numberEntities({ facts, types }: Problem): Numbering {
  const occurring = [...new Set(facts.flatMap((fact) => fact.slice(1)))].sort();
  const names = displayNames(occurring);
  const indexOf = new Map<string, number>();
  const namesOf = (type: string) => {
    const ids = occurring.filter((id) => types.get(id) === type);
    for (const [index, id] of ids.entries()) indexOf.set(id, index);
    return ids.map((id) => shared(names.get(id) as string));
  };
  return {
    objects: namesOf("object"),
    receptacles: namesOf("receptacle"),
    locations: namesOf("location"),
    indexOf,
  };
}

const known = new Map<string, string>();

/**
 * One string for all equal ones. Hundreds of games have a "mug 1", and a piece of a text would keep the
 * whole text in memory.
 */
export function shared(name: string): string {
  let one = known.get(name);
  if (one === undefined) {
    one = Buffer.from(name).toString();
    known.set(one, one);
  }
  return one;
}
