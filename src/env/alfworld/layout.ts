/**
 * Where things lie in a state, which is one array of 32-bit words. Sets of objects take `setWords` words
 * each, as bits.ts has them.
 */
import type { Numbering } from "./numbering.ts";

/** Properties of objects that never change. */
export const TRAITS = [
  ...["pickupable", "cleanable", "heatable", "coolable", "toggleable", "sliceable"],
  ...["isreceptacleobject", "moveable"],
] as const;
/** Properties of objects that actions change. */
export const CONDITIONS = ["isclean", "ishot", "iscool", "issliced", "istoggled", "ison"] as const;
export type Condition = (typeof CONDITIONS)[number];

/** The word of the agent's location. */
export const LOCATION = 0;
/** The word of the held object + 1, or 0. */
export const HELD = 1;

export interface Layout {
  /** Words in a set of objects. */
  readonly setWords: number;
  /** The set of opened receptacles. */
  readonly openedAt: number;
  /** The set of objects of each condition. */
  readonly conditionAt: Readonly<Record<Condition, number>>;
  /** Receptacle r's contents: insideAt + r · setWords. */
  readonly insideAt: number;
  /** What was taken out of receptacle r and not put back: takenAt + r · setWords. */
  readonly takenAt: number;
  /** What lies at location l: lyingAt + l · setWords. */
  readonly lyingAt: number;
  /** Words of a state. */
  readonly stateWords: number;
}

export function layoutFor({ objects, receptacles, locations }: Numbering): Layout {
  const setWords = Math.max(1, Math.ceil(objects.length / 32));
  const openedAt = HELD + 1;
  const conditionsAt = openedAt + Math.ceil(receptacles.length / 32);
  const places = CONDITIONS.map((name, i): [Condition, number] => [
    name,
    conditionsAt + i * setWords,
  ]);
  const insideAt = conditionsAt + CONDITIONS.length * setWords;
  const takenAt = insideAt + receptacles.length * setWords;
  const lyingAt = takenAt + receptacles.length * setWords;
  return {
    ...{ setWords, openedAt, insideAt, takenAt, lyingAt },
    conditionAt: Object.fromEntries(places) as Record<Condition, number>,
    stateWords: lyingAt + locations.length * setWords,
  };
}
