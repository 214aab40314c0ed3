/**
 * A game compiled to numbers. Objects, receptacles and locations are counted in the order of their ids,
 * which is the order of every listing.
 */
import { include } from "./bits.ts";
import type { Rules } from "./domain.ts";
import { type InitialFacts, readInitialFacts } from "./initial-facts.ts";
import { type Layout, layoutFor } from "./layout.ts";
import type { Numbering } from "./numbering.ts";
import type { Problem } from "./problem.ts";

export interface House extends Layout, InitialFacts {
  readonly rules: Rules;
  /** Display names. */
  readonly objects: readonly string[];
  readonly receptacles: readonly string[];
  readonly locations: readonly string[];
  /** The receptacles of each location. */
  readonly receptaclesAt: readonly (readonly number[])[];
  /** Receptacle r takes the objects of the set at r · setWords. */
  readonly canContain: Uint32Array;
  /** Place of each name among all names, as plain strings order them. */
  readonly objectRank: readonly number[];
  readonly receptacleRank: readonly number[];
}

/** @throws UserError for facts that no household has */
export function buildHouse(problem: Problem, numbering: Numbering, rules: Rules): House {
  const { objects, receptacles, locations } = numbering;
  const layout = layoutFor(numbering);
  const facts = readInitialFacts(problem, numbering, layout);
  const receptaclesAt: number[][] = locations.map(() => []);
  for (const [r, l] of facts.locationOf.entries()) receptaclesAt[l]?.push(r);
  const canContain = new Uint32Array(receptacles.length * layout.setWords);
  for (const [r, type] of facts.receptacleTypes.entries()) {
    const allowed = facts.allowed.get(type);
    for (const [o, kind] of facts.objectTypes.entries()) {
      if (allowed?.has(kind)) include(canContain, r * layout.setWords, o);
    }
  }
  const byName = [...objects, ...receptacles].sort();
  const rank = new Map(byName.map((name, place) => [name, place]));
  const ranks = (names: readonly string[]) => names.map((name) => rank.get(name) as number);
  return {
    ...{ ...layout, ...facts, rules, objects, receptacles, locations, receptaclesAt, canContain },
    ...{ objectRank: ranks(objects), receptacleRank: ranks(receptacles) },
  };
}
