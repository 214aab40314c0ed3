/**
 * A game compiled to numbers. Objects, receptacles and locations are counted in the order of their ids,
 * which is the order of every listing. What can change is one array of 32-bit words (a state); sets of
 * objects are runs of `setWords` words, bit o for object o.
 */
import { UserError } from "../../core/errors.ts";
import type { Rules } from "./domain.ts";
import { type Numbering, shared } from "./numbering.ts";
import type { Problem } from "./problem.ts";

/** Properties of objects that never change. */
export const TRAITS = [
  ...["pickupable", "cleanable", "heatable", "coolable", "toggleable", "sliceable"],
  ...["isreceptacleobject", "moveable"],
] as const;
/** Properties of objects that actions change. */
export const CONDITIONS = ["isclean", "ishot", "iscool", "issliced", "istoggled", "ison"] as const;
export type Condition = (typeof CONDITIONS)[number];

/** Words of a state that are not sets: the agent's location, and the held object + 1 or 0. */
export const LOCATION = 0;
export const HELD = 1;

export class House {
  readonly rules: Rules;
  /** Display names. */
  readonly objects: readonly string[];
  readonly receptacles: readonly string[];
  readonly locations: readonly string[];
  /** Types without the word "type": "apple", "sinkbasin". */
  readonly objectTypes: readonly string[];
  readonly receptacleTypes: readonly string[];

  readonly locationOf: readonly number[];
  readonly receptaclesAt: readonly (readonly number[])[];
  readonly openable: readonly boolean[];
  readonly traits: Readonly<Record<string, Uint32Array>>;
  /** Receptacle type → the object types that may be put there. */
  readonly allowed: ReadonlyMap<string, ReadonlySet<string>>;
  /** Per receptacle the set of objects that may be put there. */
  readonly canContain: Uint32Array;
  /** What a movable container holds, in id order. */
  readonly within: readonly (readonly number[])[];
  /** Place of each name among all names, as plain strings order them. */
  readonly objectRank: readonly number[];
  readonly receptacleRank: readonly number[];

  /** Words in a set of objects. */
  readonly setWords: number;
  /** Where things lie in a state, in words. */
  readonly openedAt: number;
  readonly conditionAt: Readonly<Record<Condition, number>>;
  /** Receptacle r's contents: insideAt + r · setWords. */
  readonly insideAt: number;
  /** What was taken out of receptacle r and not put back: takenAt + r · setWords. */
  readonly takenAt: number;
  /** What lies at location l: lyingAt + l · setWords. */
  readonly lyingAt: number;
  readonly initial: Uint32Array;

  /** @throws UserError for facts that no household has */
  constructor(
    { facts, types, where }: Problem,
    { objects, receptacles, locations, indexOf }: Numbering,
    rules: Rules,
  ) {
    this.rules = rules;
    this.objects = objects;
    this.receptacles = receptacles;
    this.locations = locations;
    const byName = [...objects, ...receptacles].sort();
    const rank = new Map(byName.map((name, place) => [name, place]));
    this.objectRank = objects.map((name) => rank.get(name) as number);
    this.receptacleRank = receptacles.map((name) => rank.get(name) as number);

    const setWords = Math.max(1, Math.ceil(objects.length / 32));
    this.setWords = setWords;
    this.openedAt = 2;
    const conditionsAt = this.openedAt + Math.ceil(receptacles.length / 32);
    this.conditionAt = Object.fromEntries(
      CONDITIONS.map((name, place) => [name, conditionsAt + place * setWords]),
    ) as Record<Condition, number>;
    this.insideAt = conditionsAt + CONDITIONS.length * setWords;
    this.takenAt = this.insideAt + receptacles.length * setWords;
    this.lyingAt = this.takenAt + receptacles.length * setWords;
    const state = new Uint32Array(this.lyingAt + locations.length * setWords);

    const locationOf: number[] = receptacles.map(() => -1);
    const openable = receptacles.map(() => false);
    const objectTypes = objects.map(() => "");
    const receptacleTypes = receptacles.map(() => "");
    const allowed = new Map<string, Set<string>>();
    const within: number[][] = objects.map(() => []);
    this.traits = Object.fromEntries(TRAITS.map((name) => [name, new Uint32Array(setWords)]));
    let start = -1;
    for (const fact of facts) {
      const [predicate = "", first = "", second = ""] = fact;
      const a = indexOf.get(first) as number;
      const b = indexOf.get(second) as number;
      const trait = this.traits[predicate];
      const condition = this.conditionAt[predicate as Condition] as number | undefined;
      if (trait !== undefined) include(trait, 0, a);
      else if (condition !== undefined) include(state, condition, a);
      else if (predicate === "receptacleatlocation") {
        if (locationOf[a] !== -1) throw new UserError(`${where}: ${first} is at two locations`);
        locationOf[a] = b;
      } else if (predicate === "atlocation") {
        if (start !== -1) throw new UserError(`${where}: the agent is at two locations`);
        start = b;
      } else if (predicate === "inreceptacle") {
        if (types.get(second) === "receptacle") include(state, this.insideAt + b * setWords, a);
      } else if (predicate === "objectatlocation") include(state, this.lyingAt + b * setWords, a);
      else if (predicate === "receptacletype") receptacleTypes[a] = typeName(second);
      else if (predicate === "objecttype") objectTypes[a] = typeName(second);
      else if (predicate === "cancontain") {
        const some = allowed.get(typeName(first)) ?? new Set();
        allowed.set(typeName(first), some.add(typeName(second)));
      } else if (predicate === "inreceptacleobject") within[b]?.push(a);
      else if (predicate === "openable") openable[a] = true;
      else if (predicate === "opened") include(state, this.openedAt, a);
      else if (predicate === "holds") {
        if (state[HELD] !== 0) throw new UserError(`${where}: the agent holds two objects`);
        state[HELD] = b + 1;
      }
    }
    if (start === -1) throw new UserError(`${where}: no fact says where the agent is`);
    const homeless = locationOf.indexOf(-1);
    if (homeless >= 0) throw new UserError(`${where}: ${receptacles[homeless]} has no location`);
    state[LOCATION] = start;

    this.locationOf = locationOf;
    this.openable = openable;
    this.objectTypes = objectTypes;
    this.receptacleTypes = receptacleTypes;
    this.within = within.map((inner) => inner.sort((one, other) => one - other));
    const here: number[][] = locations.map(() => []);
    for (const [r, l] of locationOf.entries()) here[l]?.push(r);
    this.receptaclesAt = here;
    this.allowed = allowed;
    this.canContain = new Uint32Array(receptacles.length * setWords);
    for (const [r, type] of receptacleTypes.entries()) {
      const some = allowed.get(type);
      for (const [o, kind] of objectTypes.entries()) {
        if (some?.has(kind)) include(this.canContain, r * setWords, o);
      }
    }
    this.initial = state;
  }
}

/** "sinkbasintype" → "sinkbasin" */
export function typeName(symbol: string): string {
  return shared(symbol.replace(/type$/, ""));
}

/** Is element `bit` in the set that begins at word `at`? */
export function includes(words: Uint32Array, at: number, bit: number): boolean {
  return (((words[at + (bit >>> 5)] as number) >>> (bit & 31)) & 1) === 1;
}

export function include(words: Uint32Array, at: number, bit: number): void {
  words[at + (bit >>> 5)]! |= 1 << (bit & 31);
}

export function exclude(words: Uint32Array, at: number, bit: number): void {
  words[at + (bit >>> 5)]! &= ~(1 << (bit & 31));
}

/** The elements of the set of `length` words at word `at`, smallest first. */
export function members(words: Uint32Array, at: number, length: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < length; i++) {
    for (let rest = words[at + i] as number; rest !== 0; rest &= rest - 1) {
      found.push(32 * i + 31 - Math.clz32(rest & -rest));
    }
  }
  return found;
}
